-- What stands in the journal beside its first tables. Run at every opening: each statement does nothing where it is there.

CREATE TABLE IF NOT EXISTS business_key (  -- by what people look for a message; written with its postings by delivery
  day INTEGER NOT NULL,                    -- of receipt, days since 1970: what comes in together lies together
  hash BLOB NOT NULL,                      -- HMAC(flow, value)[:16]
  message INTEGER NOT NULL,
  PRIMARY KEY (day, hash, message)
) WITHOUT ROWID;

CREATE TABLE IF NOT EXISTS missing_key (   -- what a master lacks; only where lineage says that it is operational, S1 at most
  cause_group BLOB PRIMARY KEY,
  master TEXT NOT NULL,
  data_key INTEGER NOT NULL,
  sealed BLOB NOT NULL                     -- nonce || AES-256-GCM of a JSON list, associated data "missing:<group>"
) WITHOUT ROWID;

CREATE INDEX IF NOT EXISTS incident_tampered ON incident (number) WHERE cause = 'tampered' AND state = 'open';
CREATE INDEX IF NOT EXISTS incident_group ON incident (cause_group);
CREATE INDEX IF NOT EXISTS incident_message ON incident (message) WHERE message IS NOT NULL;
