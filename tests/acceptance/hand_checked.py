"""Messages of the corpus that somebody read: type, version and number of segments, or why none can be had."""

from __future__ import annotations

Read = tuple[str, str, str]
"""As the monitor must be told it."""
Refused = tuple[str, str]
"""Reason and place."""

_VARIATIONS = "CDCgov__prime-reportstream/testIntegration/resources/datatests/mappinginventory/catchall"

HAND_CHECKED: dict[tuple[str, int], Read | Refused] = {
    # Delimiters that nobody expects: the component separator is "$", so all of MSH-9 is one component.
    ("crs4__hl7apy/test_to_string_L49.hl7", 1): ("RSP^SLI^RSP_K11", "2.5", "1"),
    ("hapifhir__hapi-hl7v2/util/segmentfinder_a24.hl7", 1): ("ADT", "2.4", "4"),
    ("rethinkhealth__hl7v2/qa/fixtures/edge-custom-delimiters.hl7", 1): ("ADT", "2.5", "2"),
    # Delimiters of which two are the same, or none at all.
    ("LinuxForHealth__hl7v2-fhir-converter/src/test/resources/sample_unix.hl7", 1): ("delimiters", "MSH-2"),
    ("crs4__hl7apy/test_parser_L218.hl7", 1): ("delimiters", "MSH-2"),
    ("CDCgov__trusted-intermediary/Test/Message/msh_present_but_missing_msh-2.hl7", 1): ("delimiters", "MSH-2"),
    # Five characters in MSH-2.
    ("CDCgov__data-exchange-hl7/local_libs/lib-bumblebee/src/test/resources/RawHL7DataCELR.txt", 1): (
        "ORU", "2.5.1", "15",
    ),
    (f"{_VARIATIONS}/cwe/annotation/cwe-4-test-value-cwe1.hl7", 1): ("ORU", "2.5.1", "4"),
    # Two charsets in MSH-18; Latin 1 that is nothing of the kind but UTF-8 without a word about it.
    (f"{_VARIATIONS}/msh/MSH-to-MessageHeader-handles-multiple-msh18.hl7", 1): ("ORU", "2.5.1", "1"),
    ("dcm4che__dcm4che/dcm4che-assembly/src/etc/testdata/hl7/OMG_O19-GeneralClinicalOrder-Eyecare.hl7", 1): (
        "OMG", "2.5.1", "11",
    ),
    ("rethinkhealth__hl7v2/qa/fixtures/edge-non-ascii.hl7", 1): ("ADT", "2.5", "3"),
    # Batches and files of many: what wraps a message is no part of it, and a batch of nothing but wrapping is none.
    ("joemoceri__hl7tools-dotnet/sample-messages/WIR_IIS_Batch_HL7_2.4_Multiple_Example.txt", 1): ("VXU", "2.4", "8"),
    ("OpenIntegrationEngine__engine/server/tests/filereader/batch/batch01.hl7", 2): ("SIU", "2.3", "8"),
    ("OpenIntegrationEngine__engine/simplesender/samples/TestADT.txt", 100): ("ADT", "2.3.1", "4"),
    ("google__simhospital/messages_first.out", 7): ("ORU", "2.3", "13"),
    ("johnpaulett__python-hl7/samples_L120.hl7", 1): ("no-header", "MSH"),
    # Ends of every kind, ends that are spelt out, a value that a line end has cut in two.
    ("lenaten__hl7/testdata/msg.hl7", 1): ("ORM", "2.3", "5"),
    ("imsweb__data-generator/docs/hl7_samples_from_official_naaccr_documentation.txt", 2): ("ORU", "2.5.1", "10"),
    ("dcm4che__dcm4che/dcm4che-assembly/src/etc/testdata/hl7/ORU_R01-PDF.hl7", 1): ("ORU", "2.5.1", "10"),
    # Segments with names that are none, a version that never was.
    ("rethinkhealth__hl7v2/qa/fixtures/invalid-segment-header-length.hl7", 1): ("ADT", "2.5", "3"),
    ("rethinkhealth__hl7v2/qa/fixtures/invalid-wrong-version.hl7", 1): ("version-unknown", "MSH-12"),
    # Headers without control id, without type, without anything.
    ("hapifhir__hapi-hl7v2/parser/example_oml_o21.hl7", 11): ("OML", "2.5", "14"),
    ("CDCgov__trusted-intermediary/Test/Message/msh_present_but_missing_msh-9.hl7", 1): ("none", "2.5.1", "1"),
    ("johnpaulett__python-hl7/test_construction_L48.hl7", 1): ("none", "none", "3"),
}  # fmt: skip
