-- The runtime's journal: one file, two writers. Intake writes message, refusal, tally(received...), its audit chain.
-- Delivery writes posting, line, refusal_case, cases, replay, its audit chain. WAL, synchronous=FULL, BEGIN IMMEDIATE.
-- No payload value stands here outside the encrypted columns (payload, body): identities and keys are HMACs.

CREATE TABLE meta (name TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
-- format, environment, label, root pin, clock high-water mark

CREATE TABLE release (                 -- verified copies of what runs or ran; number is what rows refer to
  number INTEGER PRIMARY KEY,
  digest TEXT NOT NULL UNIQUE,
  flow TEXT NOT NULL,
  sequence INTEGER NOT NULL,           -- of its activation
  bundle BLOB NOT NULL,
  activated_ms INTEGER NOT NULL,
  ended_ms INTEGER                     -- NULL while it runs
);

CREATE TABLE data_key (                -- one a flow and period, wrapped by the master key; deleting it shreds
  number INTEGER PRIMARY KEY,
  flow TEXT NOT NULL,
  period TEXT NOT NULL,
  wrapped BLOB NOT NULL,
  UNIQUE (flow, period)
);

CREATE TABLE message (                 -- accepted, in the order of acceptance
  number INTEGER PRIMARY KEY,
  flow TEXT NOT NULL,
  source TEXT NOT NULL,                -- connection id of the source step
  release INTEGER NOT NULL,
  received_ms INTEGER NOT NULL,
  twin BLOB NOT NULL,                  -- HMAC(source, identity)[:8] || keyed hash(digest)[:8]: equal is a repeat, an
                                       -- equal first half a conflict; one index finds both
  digest BLOB NOT NULL,                -- SHA-256 of the accepted bytes
  label TEXT NOT NULL,
  answer TEXT NOT NULL,                -- AA or CA, as sent
  filtered TEXT,                       -- reason, where the source or the flow let it end without a posting
  expanded INTEGER NOT NULL DEFAULT 0, -- 0 waits for delivery, 1 postings are written
  data_key INTEGER NOT NULL,
  payload BLOB NOT NULL                -- nonce || AES-256-GCM, bound to the row (crypto.about_message)
);
CREATE INDEX message_twin ON message (twin);
CREATE INDEX message_waiting ON message (number) WHERE expanded = 0;

CREATE TABLE refusal (                 -- refused frames: no payload, one row a frame
  number INTEGER PRIMARY KEY,
  flow TEXT NOT NULL,
  source TEXT NOT NULL,
  received_ms INTEGER NOT NULL,
  digest BLOB NOT NULL,
  size INTEGER NOT NULL,
  reason TEXT NOT NULL,                -- code
  place TEXT NOT NULL,                 -- "MSH-10", "segment 5001"; never a value
  answer TEXT NOT NULL                 -- AR, AE, CR, CE or none
);

CREATE TABLE tally (                   -- received = accepted + refused + repeated; written with the rows it counts
  flow TEXT NOT NULL,
  source TEXT NOT NULL,
  received INTEGER NOT NULL DEFAULT 0,
  repeated INTEGER NOT NULL DEFAULT 0,
  conflicts INTEGER NOT NULL DEFAULT 0, -- same identity, other bytes
  PRIMARY KEY (flow, source)
) WITHOUT ROWID;

CREATE TABLE posting (
  number INTEGER PRIMARY KEY,
  message INTEGER NOT NULL REFERENCES message (number),
  release INTEGER NOT NULL,            -- that expanded it: where and how it goes out
  item TEXT NOT NULL,                  -- item path, "" for the whole message
  connection TEXT NOT NULL,            -- "" while the line stopped before a sink
  operation TEXT NOT NULL,
  step TEXT NOT NULL,                  -- sink step, or the step where it stopped
  lane BLOB NOT NULL,                  -- HMAC of the ordering key: postings of one lane and connection go in order
  idempotency BLOB NOT NULL,           -- goes out as Idempotency-Key (hex)
  state TEXT NOT NULL,                 -- in-flight, delivered, parked
  snapshots TEXT NOT NULL DEFAULT '',  -- "items=4 locations=1"
  attempts INTEGER NOT NULL DEFAULT 0,
  first_ms INTEGER,                    -- of the first attempt
  begun INTEGER,                       -- number of the first posting it was last sent together with, written before
                                       -- the first byte leaves; NULL: not sent, or to a system that honours its key
  next_ms INTEGER NOT NULL DEFAULT 0,  -- not before
  status INTEGER,                      -- last HTTP status, where there was one
  ended_ms INTEGER,
  incident INTEGER,                    -- case
  data_key INTEGER NOT NULL,
  body_digest BLOB,
  body BLOB                            -- nonce || AES-256-GCM, bound to the row (crypto.about_posting); NULL before a
                                       -- sink
);
CREATE INDEX posting_open ON posting (number) WHERE state = 'in-flight';
CREATE INDEX posting_parked ON posting (incident) WHERE state = 'parked';
CREATE INDEX posting_message ON posting (message);

CREATE TABLE line (                    -- records that ended on purpose before a sink: filtered or rejected lines
  message INTEGER NOT NULL,
  item TEXT NOT NULL,
  step TEXT NOT NULL,
  reason TEXT NOT NULL
);

CREATE TABLE incident (                -- a case: a failure waiting for a person; one a message and cause
  number INTEGER PRIMARY KEY,
  flow TEXT NOT NULL,
  message INTEGER,                     -- NULL: a refused frame
  subject BLOB NOT NULL,               -- message number or frame digest: with cause it is unique
  cause TEXT NOT NULL,                 -- code, "master-miss", "answer-422", "uncertain"
  cause_group BLOB NOT NULL,           -- HMAC over cause and its values: cases of one cause
  master TEXT NOT NULL DEFAULT '',
  step TEXT NOT NULL,
  sentence TEXT NOT NULL,              -- for the person who acts; no payload value
  severity TEXT NOT NULL,              -- high, medium, low
  owner TEXT NOT NULL,
  opened_ms INTEGER NOT NULL,
  due_ms INTEGER NOT NULL,
  count INTEGER NOT NULL DEFAULT 1,
  state TEXT NOT NULL,                 -- open, resolved
  resolved_ms INTEGER,
  UNIQUE (flow, subject, cause)
);
CREATE INDEX incident_open ON incident (cause_group) WHERE state = 'open';

CREATE TABLE replay (
  number INTEGER PRIMARY KEY,
  incident INTEGER NOT NULL,
  posting INTEGER,
  actor TEXT NOT NULL,
  asked_ms INTEGER NOT NULL,
  outcome TEXT NOT NULL                -- queued, nothing-to-do, parked-again, ended, closed
);

CREATE TABLE audit (                   -- append-only; a row holds the records of one commit of one writer
  writer TEXT NOT NULL,                -- intake, delivery
  first INTEGER NOT NULL,              -- sequence number of its first record
  count INTEGER NOT NULL,
  records BLOB NOT NULL,               -- canonical JSON, one a line
  head BLOB NOT NULL,                  -- hash after its last record
  mac BLOB,                            -- HMAC(runtime, writer, first, count, head): nobody else can write a row; NULL
                                       -- only in what an older version wrote
  PRIMARY KEY (writer, first)
) WITHOUT ROWID;

CREATE TABLE checkpoint (              -- signed statements that name both heads
  number INTEGER PRIMARY KEY,
  made_ms INTEGER NOT NULL,
  envelope BLOB NOT NULL
);
