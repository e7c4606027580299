ALTER TABLE public.batches ADD CONSTRAINT batches_pkey PRIMARY KEY (id);
ALTER TABLE public.tools ADD CONSTRAINT tools_pkey PRIMARY KEY (id);
ALTER TABLE public.pieces ADD CONSTRAINT pieces_pkey PRIMARY KEY (id);
ALTER TABLE public.uses ADD CONSTRAINT uses_pkey PRIMARY KEY (id);
ALTER TABLE public.pieces ADD CONSTRAINT pieces_batch_id_fkey FOREIGN KEY (batch_id) REFERENCES public.batches (id);
ALTER TABLE public.uses ADD CONSTRAINT uses_piece_id_fkey FOREIGN KEY (piece_id) REFERENCES public.pieces (id);
ALTER TABLE public.uses ADD CONSTRAINT uses_tool_id_fkey FOREIGN KEY (tool_id) REFERENCES public.tools (id);
