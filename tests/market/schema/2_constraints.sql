ALTER TABLE public.stalls ADD CONSTRAINT stalls_pkey PRIMARY KEY (id);
ALTER TABLE public.rounds ADD CONSTRAINT rounds_pkey PRIMARY KEY (id);
ALTER TABLE public.parcels ADD CONSTRAINT parcels_pkey PRIMARY KEY (id);
ALTER TABLE public.ticks ADD CONSTRAINT ticks_pkey PRIMARY KEY (id);
ALTER TABLE public.parcels ADD CONSTRAINT parcels_round_id_fkey FOREIGN KEY (round_id) REFERENCES public.rounds (id);
