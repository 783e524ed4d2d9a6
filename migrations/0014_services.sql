CREATE TABLE "project_services" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"spec" jsonb NOT NULL,
	"keeps_awake" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "project_services_name" UNIQUE("project_id","name"),
	CONSTRAINT "project_services_name_length" CHECK (char_length("project_services"."name") between 1 and 64),
	CONSTRAINT "project_services_spec_length" CHECK (pg_column_size("project_services"."spec") <= 131072)
);
--> statement-breakpoint
ALTER TABLE "project_services" ADD CONSTRAINT "project_services_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "project_services_awake" ON "project_services" USING btree ("project_id") WHERE "project_services"."keeps_awake";