-- A blog: authors, posts that go from draft to published, tags, threads of comments, views.
CREATE TYPE post_status AS ENUM ('draft', 'review', 'published', 'retracted');
CREATE TABLE authors (
    id serial PRIMARY KEY,
    username varchar(30) NOT NULL UNIQUE,
    display_name text NOT NULL,
    email text NOT NULL UNIQUE,
    bio text,
    created_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE topics (slug text PRIMARY KEY, title text NOT NULL);
INSERT INTO topics VALUES ('travel', 'Travel'), ('cooking', 'Cooking'), ('music', 'Music');
CREATE TABLE posts (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    author_id int NOT NULL REFERENCES authors,
    topic text NOT NULL REFERENCES topics,
    slug text NOT NULL UNIQUE,
    title varchar(120) NOT NULL,
    body text NOT NULL,
    status post_status NOT NULL DEFAULT 'draft',
    version int NOT NULL DEFAULT 1,
    published_at timestamptz,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now(),
    CHECK ((status IN ('published', 'retracted')) = (published_at IS NOT NULL)),
    CHECK (published_at >= created_at)
);
CREATE TABLE comments (
    id bigserial PRIMARY KEY,
    post_id bigint NOT NULL,
    parent_id bigint,
    author_name text NOT NULL,
    author_email text NOT NULL,
    body text NOT NULL CHECK (length(body) <= 2000),
    is_spam boolean NOT NULL DEFAULT false,
    created_at timestamptz NOT NULL DEFAULT now(),
    FOREIGN KEY (post_id) REFERENCES posts ON DELETE CASCADE,
    UNIQUE (post_id, id),
    FOREIGN KEY (post_id, parent_id) REFERENCES comments (post_id, id)
);
CREATE TABLE likes (
    post_id bigint NOT NULL REFERENCES posts ON DELETE CASCADE,
    author_id int NOT NULL REFERENCES authors,
    created_at timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (post_id, author_id)
);
CREATE VIEW published AS SELECT id, slug, title FROM posts WHERE status = 'published';
