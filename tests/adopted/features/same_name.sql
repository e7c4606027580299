-- feature: tables of one name in different schemas
-- holds: SELECT count(*) > 0 FROM same_name_sales.customer
-- holds: SELECT count(*) > 0 FROM same_name_support.customer
-- holds: SELECT count(*) > 0 FROM same_name_support.tickets_of
CREATE SCHEMA same_name_sales;
CREATE SCHEMA same_name_support;
CREATE TABLE same_name_sales.customer (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE same_name_support.customer (id uuid PRIMARY KEY, sales_id int NOT NULL UNIQUE REFERENCES same_name_sales.customer, mood text);
CREATE TABLE same_name_support.tickets_of (id serial PRIMARY KEY, customer_id uuid NOT NULL REFERENCES same_name_support.customer);
