-- Names that have to be quoted.
CREATE SCHEMA "My Schema";
CREATE TABLE "Order" ("Id" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "select" text NOT NULL, "reply-to" varchar(255) NOT NULL,
    "it said ""hi""" int NOT NULL, "naïve 🙂" text NOT NULL, "a.b" int NOT NULL CHECK ("a.b" > 3));
CREATE TABLE "My Schema"."Ünïcode 表" ("key" text PRIMARY KEY, "order" int NOT NULL REFERENCES "Order" ("Id"));
CREATE VIEW everybody AS SELECT "Id" FROM "Order";
