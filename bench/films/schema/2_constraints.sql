ALTER TABLE public.people ADD CONSTRAINT people_pkey PRIMARY KEY (id);
ALTER TABLE public.videos ADD CONSTRAINT videos_pkey PRIMARY KEY (id);
ALTER TABLE public.events ADD CONSTRAINT events_pkey PRIMARY KEY (id);
ALTER TABLE public.people ADD CONSTRAINT people_email_key UNIQUE (email);
CREATE INDEX events_person_id_created_at_idx ON public.events (person_id, created_at);
CREATE INDEX events_video_id_idx ON public.events (video_id);
CREATE INDEX events_created_at_idx ON public.events (created_at);
ALTER TABLE public.events ADD CONSTRAINT events_person_id_fkey
    FOREIGN KEY (person_id) REFERENCES public.people (id);
ALTER TABLE public.events ADD CONSTRAINT events_video_id_fkey
    FOREIGN KEY (video_id) REFERENCES public.videos (id);
