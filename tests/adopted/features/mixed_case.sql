-- feature: enum types of mixed case in other schemas, and names that SQL reserves
-- holds: SELECT count(DISTINCT "Status") = 3 AND count(*) > 50 FROM "Order"
CREATE SCHEMA "Mixed Case.Types";
CREATE TYPE "Mixed Case.Types"."Order Status" AS ENUM ('New', 'In "Progress"', 'Done, really');
CREATE TYPE "Mixed Case.Types"."user" AS ENUM ('select', 'from');
CREATE TABLE "Order" ("ID" serial PRIMARY KEY, "Status" "Mixed Case.Types"."Order Status" NOT NULL DEFAULT 'New', "user" "Mixed Case.Types"."user" NOT NULL, "from" text NOT NULL,
    "All" "Mixed Case.Types"."Order Status"[] NOT NULL, "createdAt" timestamptz NOT NULL DEFAULT now(), "updatedAt" timestamptz, CHECK ("updatedAt" IS NULL OR "updatedAt" >= "createdAt"));
CREATE TABLE "Order Line" ("order" int NOT NULL REFERENCES "Order", "No." int NOT NULL, "100%" numeric(5,2) NOT NULL, PRIMARY KEY ("order", "No."));
