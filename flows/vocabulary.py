"""The closed vocabularies that policies, classification and effects share. Each is an enum entity in Cedar too."""

from __future__ import annotations

from enum import StrEnum


class Concept(StrEnum):
    """What a field is. Permits name concepts: minimum necessary is too coarse without them."""

    ITEM_CODE = "item-code"
    QUANTITY = "quantity"
    UNIT = "unit"
    PRICE = "price"
    ACCOUNT_CODE = "account-code"
    COST_CENTRE = "cost-centre"
    ORGANISATION = "organisation"
    EVENT_TIME = "event-time"
    LOCATION = "location"
    ENCOUNTER_ID = "encounter-id"
    ORDER_ID = "order-id"
    PATIENT_ID = "patient-id"
    PERSON_NAME = "person-name"
    BIRTH_DATE = "birth-date"
    ADDRESS = "address"
    CONTACT = "contact"
    DEMOGRAPHIC = "demographic"
    STAFF_ID = "staff-id"
    DIAGNOSIS = "diagnosis"
    OBSERVATION = "observation"
    PROCEDURE = "procedure"
    INSURANCE = "insurance"
    FREE_TEXT = "free-text"
    MESSAGE_CONTROL = "message-control"
    OTHER = "other"
    UNKNOWN = "unknown"


class DataClass(StrEnum):
    """Whose data a field is. The set of a field is never empty: a set test on an empty set is true."""

    PATIENT = "patient"
    WORKFORCE = "workforce"
    FINANCIAL = "financial"
    OPERATIONAL = "operational"
    PART2 = "part2"
    UNKNOWN = "unknown"


class Protection(StrEnum):
    """What was done to a value on its way. A protection never changes sensitivity or class."""

    PSEUDONYMISED = "pseudonymised"
    REDACTED = "redacted"
    GENERALISED = "generalised"
    SHIFTED = "shifted"
    MAPPED = "mapped"


class Purpose(StrEnum):
    """What a flow is for. A permit's first condition is the purpose."""

    SUPPLY_CONSUMPTION = "supply-consumption"
    REPLENISHMENT = "replenishment"
    CHARGE_CAPTURE = "charge-capture"
    WORKFORCE_SYNC = "workforce-sync"
    VENDOR_ONBOARDING = "vendor-onboarding"
    INTERFACE_MONITORING = "interface-monitoring"


class Domain(StrEnum):
    """On whose side a connection stands."""

    CLINICAL = "clinical"
    ERP = "erp"
    HR = "hr"
    ANALYTICS = "analytics"
    PARTNER = "partner"
    OPERATIONS = "operations"


class Transport(StrEnum):
    """How bytes travel. ``loopback`` protects only where the address is loopback."""

    MTLS = "mtls"
    TLS = "tls"
    SSH = "ssh"
    LOOPBACK = "loopback"
    PLAIN = "plain"


class DataLabel(StrEnum):
    """What an environment may carry: a message of another label never enters it."""

    SYNTHETIC = "synthetic"
    TEST = "test"
    LIVE = "live"


S0, S1, S2, S3, S4 = range(5)
"""Sensitivity: public, internal, confidential, quasi-identifier, direct identifier or special category."""
