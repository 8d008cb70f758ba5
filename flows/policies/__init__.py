"""One policy a file, in Cedar, for people who answer for them; lockgate.cedarschema says what they may ask about."""
