-- feature: a check that exactly one of several is there
-- holds: SELECT count(card_no) > 0 AND count(iban) > 0 AND count(voucher) > 0 FROM paid
-- holds: SELECT count(*) FILTER (WHERE user_ref IS NULL) > 0 AND count(*) FILTER (WHERE team_ref IS NULL) > 0 FROM grants
CREATE TABLE paid (id serial PRIMARY KEY, card_no text, iban text, voucher text, CHECK (num_nonnulls(card_no, iban, voucher) = 1));
CREATE TABLE grant_users (id serial PRIMARY KEY, email text NOT NULL UNIQUE);
CREATE TABLE grant_teams (id serial PRIMARY KEY, name text NOT NULL);
CREATE TABLE grants (id serial PRIMARY KEY, user_ref int REFERENCES grant_users, team_ref int REFERENCES grant_teams,
    CHECK ((user_ref IS NOT NULL)::int + (team_ref IS NOT NULL)::int = 1));
