-- feature: a cycle through a composite key
-- holds: SELECT count(*) > 0 FROM squads
-- holds: SELECT count(*) > 0 FROM fighters
CREATE TABLE squads (club_id int NOT NULL, id int NOT NULL, captain_id int, PRIMARY KEY (club_id, id));
CREATE TABLE fighters (club_id int NOT NULL, id int NOT NULL, squad_id int NOT NULL, PRIMARY KEY (club_id, id),
    FOREIGN KEY (club_id, squad_id) REFERENCES squads);
ALTER TABLE squads ADD FOREIGN KEY (club_id, captain_id) REFERENCES fighters;
