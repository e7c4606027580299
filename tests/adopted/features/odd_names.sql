-- feature: odd identifiers
-- holds: SELECT count(*) > 0 FROM "Weird ""table"" 🙂"
CREATE TABLE "select" ("reply-to" varchar(255) NOT NULL, "Id" int GENERATED ALWAYS AS IDENTITY PRIMARY KEY, "a.b" int NOT NULL CHECK ("a.b" > 3), "it's" text, "%s" text NOT NULL, "{x}" text);
CREATE TABLE "Weird ""table"" 🙂" ("user" text PRIMARY KEY, "order" int NOT NULL REFERENCES "select" ("Id"), "a b" text CHECK ("a b" IN ('x y', 'it''s')));
CREATE TABLE a_table_whose_name_is_as_long_as_an_identifier_can_be_in_postgr (a_column_whose_name_is_as_long_as_an_identifier_can_be_in_post int PRIMARY KEY);
