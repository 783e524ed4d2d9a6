CREATE TABLE "project_clones" (
	"project_id" uuid PRIMARY KEY NOT NULL,
	"url" text NOT NULL,
	"ref" text,
	"status" text DEFAULT 'cloning' NOT NULL,
	"commit" text,
	"error" text,
	"owner" uuid,
	"expires_at" timestamp (3) with time zone,
	CONSTRAINT "project_clones_status" CHECK ("project_clones"."status" in ('cloning', 'ready', 'failed')),
	CONSTRAINT "project_clones_commit" CHECK ("project_clones"."status" = 'ready' or "project_clones"."commit" is null),
	CONSTRAINT "project_clones_error" CHECK (("project_clones"."status" = 'failed') = ("project_clones"."error" is not null)),
	CONSTRAINT "project_clones_lease" CHECK (num_nulls("project_clones"."owner", "project_clones"."expires_at") in (0, 2))
);
--> statement-breakpoint
ALTER TABLE "project_clones" ADD CONSTRAINT "project_clones_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "project_clones_under_way" ON "project_clones" USING btree ("expires_at") WHERE "project_clones"."status" = 'cloning';