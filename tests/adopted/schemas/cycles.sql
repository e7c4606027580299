-- References that go in a circle: through a column that may be NULL, and through a composite key.
CREATE TABLE teams (id int PRIMARY KEY, name text NOT NULL, leader_id int);
CREATE TABLE players (id int PRIMARY KEY, team_id int NOT NULL REFERENCES teams (id), name text NOT NULL, UNIQUE (team_id, id));
ALTER TABLE teams ADD FOREIGN KEY (id, leader_id) REFERENCES players (team_id, id);
CREATE TABLE nodes (id int PRIMARY KEY, above_id int NOT NULL REFERENCES nodes (id), label text);
