CREATE TABLE migrations (
	number SERIAL NOT NULL, 
	at FLOAT NOT NULL, 
	PRIMARY KEY (number)
);

CREATE TABLE receipts (
	id VARCHAR(64) NOT NULL, 
	tenant VARCHAR(64) NOT NULL, 
	kind TEXT NOT NULL, 
	object TEXT NOT NULL, 
	asked FLOAT NOT NULL, 
	finished FLOAT NOT NULL, 
	again FLOAT NOT NULL, 
	counts JSON NOT NULL, 
	detail JSON NOT NULL, 
	hash TEXT NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TABLE tenants (
	id VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	locale TEXT NOT NULL, 
	risk FLOAT NOT NULL, 
	lesson INTEGER NOT NULL, 
	judged TEXT NOT NULL, 
	judged_lesson INTEGER NOT NULL, 
	encoder TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (id)
);

CREATE TABLE audit (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	who TEXT NOT NULL, 
	what TEXT NOT NULL, 
	object TEXT NOT NULL, 
	detail JSON, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE batches (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	kind TEXT NOT NULL, 
	title TEXT NOT NULL, 
	person TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	undone FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE connections (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	host TEXT NOT NULL, 
	account TEXT NOT NULL, 
	title TEXT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	settings JSON NOT NULL, 
	secret BYTEA, 
	writes BOOLEAN NOT NULL, 
	paused BOOLEAN NOT NULL, 
	cursor TEXT NOT NULL, 
	round INTEGER NOT NULL, 
	wanted INTEGER NOT NULL, 
	scanned INTEGER NOT NULL, 
	begun INTEGER NOT NULL, 
	woken FLOAT NOT NULL, 
	scan_at FLOAT NOT NULL, 
	scan_until FLOAT NOT NULL, 
	push_until FLOAT NOT NULL, 
	renew_until FLOAT NOT NULL, 
	heard TEXT NOT NULL, 
	heard_at FLOAT NOT NULL, 
	rates JSON NOT NULL, 
	listed FLOAT NOT NULL, 
	retry_at FLOAT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE encoders (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	told JSON NOT NULL, 
	dropped BOOLEAN NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE groups (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	name TEXT NOT NULL, 
	exclusive BOOLEAN NOT NULL, 
	PRIMARY KEY (tenant, id), 
	UNIQUE (tenant, name), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE keys (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	hash TEXT NOT NULL, 
	title TEXT NOT NULL, 
	scopes JSON NOT NULL, 
	created FLOAT NOT NULL, 
	used FLOAT NOT NULL, 
	revoked FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE lessons (
	tenant VARCHAR(64) NOT NULL, 
	number INTEGER NOT NULL, 
	asset VARCHAR(64) NOT NULL, 
	tag TEXT NOT NULL, 
	"group" TEXT NOT NULL, 
	added BOOLEAN NOT NULL, 
	shoot TEXT NOT NULL, 
	PRIMARY KEY (tenant, number), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE looks (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	result JSON, 
	tries INTEGER NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE models (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	number INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	encoder TEXT NOT NULL, 
	risk FLOAT NOT NULL, 
	lesson INTEGER NOT NULL, 
	report JSON, 
	until FLOAT NOT NULL, 
	created FLOAT NOT NULL, 
	promoted FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	UNIQUE (tenant, number), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE assets (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	connection VARCHAR(64) NOT NULL, 
	host_id TEXT NOT NULL, 
	version TEXT NOT NULL, 
	name TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	path TEXT NOT NULL, 
	size BIGINT NOT NULL, 
	media_type TEXT NOT NULL, 
	modified FLOAT NOT NULL, 
	state TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	attempts INTEGER NOT NULL, 
	due FLOAT NOT NULL, 
	until FLOAT NOT NULL, 
	round INTEGER NOT NULL, 
	content TEXT NOT NULL, 
	encoder TEXT NOT NULL, 
	batch TEXT NOT NULL, 
	outside BOOLEAN NOT NULL, 
	read FLOAT NOT NULL, 
	created FLOAT NOT NULL, 
	updated FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant, connection) REFERENCES connections (tenant, id) ON DELETE CASCADE, 
	UNIQUE (tenant, connection, host_id), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE erased (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	connection VARCHAR(64) NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant, connection) REFERENCES connections (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE tags (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	"group" VARCHAR(64) NOT NULL, 
	name TEXT NOT NULL, 
	sku TEXT NOT NULL, 
	parent VARCHAR(64), 
	archived BOOLEAN NOT NULL, 
	folded TEXT NOT NULL, 
	folded_sku TEXT NOT NULL, 
	called TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant, "group") REFERENCES groups (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant, parent) REFERENCES tags (tenant, id), 
	UNIQUE (tenant, "group", name), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE appearances (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	asset VARCHAR(64) NOT NULL, 
	tag VARCHAR(64) NOT NULL, 
	box JSON, 
	start FLOAT, 
	"end" FLOAT, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant, asset) REFERENCES assets (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant, tag) REFERENCES tags (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE examples (
	tenant VARCHAR(64) NOT NULL, 
	id VARCHAR(250) NOT NULL, 
	asset VARCHAR(64) NOT NULL, 
	tag VARCHAR(64) NOT NULL, 
	yes BOOLEAN NOT NULL, 
	box JSON, 
	source TEXT NOT NULL, 
	shoot TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (tenant, id), 
	FOREIGN KEY(tenant, asset) REFERENCES assets (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant, tag) REFERENCES tags (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE ledger (
	tenant VARCHAR(64) NOT NULL, 
	asset VARCHAR(250) NOT NULL, 
	tag VARCHAR(250) NOT NULL, 
	name TEXT NOT NULL, 
	before JSON NOT NULL, 
	batch TEXT NOT NULL, 
	sure BOOLEAN NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (tenant, asset, tag), 
	FOREIGN KEY(tenant, asset) REFERENCES assets (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant, tag) REFERENCES tags (tenant, id), 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE marks (
	tenant VARCHAR(64) NOT NULL, 
	asset VARCHAR(250) NOT NULL, 
	name VARCHAR(250) NOT NULL, 
	word TEXT NOT NULL, 
	PRIMARY KEY (tenant, asset, name), 
	FOREIGN KEY(tenant, asset) REFERENCES assets (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE outbox (
	tenant VARCHAR(64) NOT NULL, 
	asset VARCHAR(250) NOT NULL, 
	connection VARCHAR(64) NOT NULL, 
	batch TEXT NOT NULL, 
	wanted INTEGER NOT NULL, 
	attempts INTEGER NOT NULL, 
	since FLOAT NOT NULL, 
	due FLOAT NOT NULL, 
	until FLOAT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (tenant, asset), 
	FOREIGN KEY(tenant, asset) REFERENCES assets (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant, connection) REFERENCES connections (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE predictions (
	tenant VARCHAR(64) NOT NULL, 
	asset VARCHAR(250) NOT NULL, 
	"group" VARCHAR(250) NOT NULL, 
	tag TEXT NOT NULL, 
	probability FLOAT NOT NULL, 
	decision TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	evidence JSON NOT NULL, 
	model TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (tenant, asset, "group"), 
	FOREIGN KEY(tenant, asset) REFERENCES assets (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant, "group") REFERENCES groups (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE verdicts (
	tenant VARCHAR(64) NOT NULL, 
	asset VARCHAR(250) NOT NULL, 
	tag VARCHAR(250) NOT NULL, 
	yes BOOLEAN NOT NULL, 
	person TEXT NOT NULL, 
	source TEXT NOT NULL, 
	created FLOAT NOT NULL, 
	PRIMARY KEY (tenant, asset, tag), 
	FOREIGN KEY(tenant, asset) REFERENCES assets (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant, tag) REFERENCES tags (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE withheld (
	tenant VARCHAR(64) NOT NULL, 
	asset VARCHAR(250) NOT NULL, 
	tag VARCHAR(250) NOT NULL, 
	batch TEXT NOT NULL, 
	PRIMARY KEY (tenant, asset, tag), 
	FOREIGN KEY(tenant, asset) REFERENCES assets (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant, tag) REFERENCES tags (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE TABLE words (
	tenant VARCHAR(64) NOT NULL, 
	tag VARCHAR(250) NOT NULL, 
	locale VARCHAR(250) NOT NULL, 
	number VARCHAR(250) NOT NULL, 
	kind TEXT NOT NULL, 
	text TEXT NOT NULL, 
	folded TEXT NOT NULL, 
	PRIMARY KEY (tenant, tag, locale, number), 
	FOREIGN KEY(tenant, tag) REFERENCES tags (tenant, id) ON DELETE CASCADE, 
	FOREIGN KEY(tenant) REFERENCES tenants (id) ON DELETE CASCADE
);

CREATE INDEX receipts_tenant ON receipts (tenant, id);

CREATE INDEX connections_account ON connections (host, account);

CREATE UNIQUE INDEX keys_hash ON keys (hash);

CREATE INDEX looks_created ON looks (tenant, created);

CREATE INDEX assets_batch ON assets (tenant, batch, id);

CREATE INDEX assets_connection ON assets (tenant, connection, id);

CREATE INDEX assets_due ON assets (tenant, connection, state, due, id);

CREATE INDEX assets_encoder ON assets (tenant, encoder, state);

CREATE INDEX assets_folded ON assets (tenant, id, folded);

CREATE INDEX assets_name ON assets (tenant, name);

CREATE INDEX assets_path ON assets (tenant, connection, path);

CREATE INDEX assets_read ON assets (tenant, connection, read);

CREATE INDEX assets_state ON assets (tenant, state, id);

CREATE INDEX erased_connection ON erased (tenant, connection);

CREATE INDEX tags_folded ON tags (tenant, folded);

CREATE INDEX tags_folded_sku ON tags (tenant, folded_sku);

CREATE INDEX tags_parent ON tags (tenant, parent);

CREATE INDEX appearances_asset ON appearances (tenant, asset);

CREATE INDEX appearances_tag ON appearances (tenant, tag);

CREATE INDEX examples_asset ON examples (tenant, asset);

CREATE INDEX examples_tag ON examples (tenant, tag, asset);

CREATE INDEX ledger_batch ON ledger (tenant, batch);

CREATE INDEX ledger_tag ON ledger (tenant, tag, asset);

CREATE INDEX outbox_due ON outbox (tenant, connection, due, asset);

CREATE INDEX predictions_asset ON predictions (tenant, decision, asset);

CREATE INDEX predictions_decision ON predictions (tenant, decision, probability, asset);

CREATE INDEX predictions_group ON predictions (tenant, "group", decision, asset);

CREATE INDEX predictions_tag ON predictions (tenant, tag, decision, asset);

CREATE INDEX verdicts_tag ON verdicts (tenant, tag, asset);

CREATE INDEX withheld_tag ON withheld (tenant, tag);

CREATE INDEX words_folded ON words (tenant, folded);

INSERT INTO migrations ("number", "at") VALUES (1, 1795593862.5695658);

INSERT INTO tenants ("id", "name", "locale", "risk", "lesson", "judged", "judged_lesson", "encoder", "created") VALUES ('661154656e4f6424484ec585ee', 'Nordlys', 'en', 0.02, 1, '', 0, '', 1795593862.5713983);

INSERT INTO audit ("tenant", "id", "who", "what", "object", "detail", "created") VALUES ('661154656e4f6424484ec585ee', '6611546572264cb5f6fd0bed89', 'Ada', 'example', '661154656f7bb0f88b6b451165', '{"tag": "6611546570639b2e8fafd2d290"}', 1795593862.587029);

INSERT INTO connections ("tenant", "id", "host", "account", "title", "state", "reason", "settings", "secret", "writes", "paused", "cursor", "round", "wanted", "scanned", "begun", "woken", "scan_at", "scan_until", "push_until", "renew_until", "heard", "heard_at", "rates", "listed", "retry_at", "created") VALUES ('661154656e4f6424484ec585ee', '661154656eb37680e59a679c1d', 'dropbox', 'dbid:1', 'Photos', 'live', '', '{"folder": "Products"}', NULL, TRUE, FALSE, '', 0, 1, 0, 0, 0.0, 0.0, 0.0, 0.0, 0.0, '', 0.0, '{}', 0.0, 0.0, 1795593862.5728693);

INSERT INTO groups ("tenant", "id", "name", "exclusive") VALUES ('661154656e4f6424484ec585ee', '66115465700293991aa7e69768', 'product', TRUE);

INSERT INTO lessons ("tenant", "number", "asset", "tag", "group", "added", "shoot") VALUES ('661154656e4f6424484ec585ee', 1, '661154656f7bb0f88b6b451165', '6611546570639b2e8fafd2d290', '66115465700293991aa7e69768', TRUE, '');

INSERT INTO assets ("tenant", "id", "connection", "host_id", "version", "name", "folded", "path", "size", "media_type", "modified", "state", "reason", "attempts", "due", "until", "round", "content", "encoder", "batch", "outside", "read", "created", "updated") VALUES ('661154656e4f6424484ec585ee', '661154656f7bb0f88b6b451165', '661154656eb37680e59a679c1d', 'id:1', '1', 'Größe.jpg', ' grosse jpg', '/Products/Größe.jpg', 0, '', 0.0, 'pending', '', 0, 0.0, 0.0, 0, '', '', '', FALSE, 0.0, 1795593862.573879, 1795593862.573879);

INSERT INTO tags ("tenant", "id", "group", "name", "sku", "parent", "archived", "folded", "folded_sku", "called", "created") VALUES ('661154656e4f6424484ec585ee', '6611546570639b2e8fafd2d290', '66115465700293991aa7e69768', 'Aurora Shell', 'AS-17', NULL, FALSE, 'aurora shell', 'as-17', ' aurora shell as 17 nordlichtjacke hulle', 1795593862.579778);

INSERT INTO examples ("tenant", "id", "asset", "tag", "yes", "box", "source", "shoot", "created") VALUES ('661154656e4f6424484ec585ee', '66115465718d94bc58b09fbab2', '661154656f7bb0f88b6b451165', '6611546570639b2e8fafd2d290', TRUE, NULL, 'person', '', 1795593862.5845494);

INSERT INTO ledger ("tenant", "asset", "tag", "name", "before", "batch", "sure", "created") VALUES ('661154656e4f6424484ec585ee', '661154656f7bb0f88b6b451165', '6611546570639b2e8fafd2d290', 'aurora_shell', '[]', '', TRUE, 1795593862.5861793);

INSERT INTO words ("tenant", "tag", "locale", "number", "kind", "text", "folded") VALUES ('661154656e4f6424484ec585ee', '6611546570639b2e8fafd2d290', 'de', '0', 'label', 'Nordlichtjacke', 'nordlichtjacke');

INSERT INTO words ("tenant", "tag", "locale", "number", "kind", "text", "folded") VALUES ('661154656e4f6424484ec585ee', '6611546570639b2e8fafd2d290', 'de', '1', 'alias', 'Hülle', 'hulle');
