-- A shop: people, orders with lines, stock, and the usual types.
CREATE TYPE order_status AS ENUM ('cart', 'paid', 'shipped', 'returned');
CREATE DOMAIN money_amount AS numeric(10, 2) CHECK (VALUE >= 0);
CREATE TABLE customers (
    id uuid PRIMARY KEY DEFAULT gen_random_uuid(),
    email varchar(120) NOT NULL UNIQUE,
    full_name text NOT NULL,
    phone text,
    city text, postcode text, country_code char(2),
    is_active boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL DEFAULT now(),
    updated_at timestamptz NOT NULL DEFAULT now()
);
CREATE TABLE categories (
    id serial PRIMARY KEY,
    name text NOT NULL,
    slug text NOT NULL UNIQUE,
    parent_id int REFERENCES categories (id)
);
CREATE TABLE products (
    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    category_id int NOT NULL REFERENCES categories (id),
    sku varchar(12) NOT NULL UNIQUE,
    product_name text NOT NULL,
    price money_amount NOT NULL,
    tags text[] NOT NULL DEFAULT '{}',
    attributes jsonb NOT NULL DEFAULT '{}',
    stock smallint NOT NULL CHECK (stock BETWEEN 0 AND 500)
);
CREATE TABLE orders (
    id bigserial PRIMARY KEY,
    customer_id uuid NOT NULL REFERENCES customers (id),
    status order_status NOT NULL DEFAULT 'cart',
    shipped_at timestamptz,
    total money_amount NOT NULL,
    created_at timestamptz NOT NULL,
    CHECK ((status IN ('shipped', 'returned')) = (shipped_at IS NOT NULL)),
    CHECK (shipped_at IS NULL OR shipped_at >= created_at)
);
CREATE TABLE order_lines (
    order_id bigint NOT NULL REFERENCES orders (id) ON DELETE CASCADE,
    line_no int NOT NULL,
    product_id bigint NOT NULL REFERENCES products (id),
    quantity int NOT NULL CHECK (quantity > 0),
    unit_price numeric(8, 2) NOT NULL,
    line_total numeric GENERATED ALWAYS AS (quantity * unit_price) STORED,
    PRIMARY KEY (order_id, line_no)
);
CREATE TABLE wishes (
    customer_id uuid NOT NULL REFERENCES customers (id),
    product_id bigint NOT NULL REFERENCES products (id),
    PRIMARY KEY (customer_id, product_id)
);
CREATE TABLE logins (customer_id uuid NOT NULL, ip inet, at timestamp NOT NULL, user_agent text);
