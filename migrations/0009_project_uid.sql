CREATE SEQUENCE "public"."project_uids" INCREMENT BY 1 MINVALUE 1048577 MAXVALUE 2097151 START WITH 1048577 CACHE 1 CYCLE;--> statement-breakpoint
-- Two databases of one machine seldom begin at the same number.
SELECT setval('project_uids', 1048577 + floor(random() * 1048574)::integer);--> statement-breakpoint
-- The files of the projects that are there belong to 1000.
ALTER TABLE "projects" ADD COLUMN "uid" integer DEFAULT 1000 NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ALTER COLUMN "uid" SET DEFAULT nextval('project_uids');
