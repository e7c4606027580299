-- feature: a junction of three, and a closure table
-- holds: SELECT count(*) > 20 FROM enrolments
-- holds: SELECT count(*) > 5 FROM topic_paths
CREATE TABLE pupils (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE courses (id serial PRIMARY KEY, title text NOT NULL);
CREATE TABLE terms (id serial PRIMARY KEY, label text NOT NULL UNIQUE);
CREATE TABLE enrolments (pupil_id int NOT NULL REFERENCES pupils, course_id int NOT NULL REFERENCES courses, term_id int NOT NULL REFERENCES terms, grade char(1) CHECK (grade IN ('A', 'B', 'C')),
    PRIMARY KEY (pupil_id, course_id, term_id));
CREATE TABLE topics (id serial PRIMARY KEY, parent_id int REFERENCES topics, name text NOT NULL, UNIQUE (parent_id, name));
CREATE TABLE topic_paths (ancestor int NOT NULL REFERENCES topics, descendant int NOT NULL REFERENCES topics, depth int NOT NULL CHECK (depth >= 0), PRIMARY KEY (ancestor, descendant));
