CREATE TABLE "deleted_projects" (
	"project_id" uuid PRIMARY KEY NOT NULL,
	"deleted_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "quarantined_volumes" (
	"name" text PRIMARY KEY NOT NULL,
	"project_id" text NOT NULL,
	"first_seen_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "project_volumes" ADD COLUMN "recovered_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "project_volumes" ADD COLUMN "is_restored" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "lease_number" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
CREATE INDEX "deleted_projects_age" ON "deleted_projects" USING btree ("deleted_at");