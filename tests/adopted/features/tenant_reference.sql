-- feature: a composite foreign key that keeps a tenant
-- holds: SELECT count(*) > 50 FROM tenant_issues
CREATE TABLE tenants (id int PRIMARY KEY, name text NOT NULL);
CREATE TABLE tenant_projects (id int NOT NULL, tenant_id int NOT NULL REFERENCES tenants, title text NOT NULL, PRIMARY KEY (tenant_id, id));
CREATE TABLE tenant_labels (tenant_id int NOT NULL, id int NOT NULL, word text NOT NULL, PRIMARY KEY (tenant_id, id), UNIQUE (tenant_id, word),
    FOREIGN KEY (tenant_id) REFERENCES tenants);
CREATE TABLE tenant_issues (id bigint PRIMARY KEY, tenant_id int NOT NULL, project_id int NOT NULL, label_id int NOT NULL,
    FOREIGN KEY (tenant_id, project_id) REFERENCES tenant_projects, FOREIGN KEY (tenant_id, label_id) REFERENCES tenant_labels);
