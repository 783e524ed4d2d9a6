CREATE TABLE "project_volumes" (
	"project_id" uuid PRIMARY KEY NOT NULL,
	"filled_at" timestamp (3) with time zone,
	"lost_at" timestamp (3) with time zone,
	"is_changing" boolean DEFAULT false NOT NULL,
	"snapshot_due_at" timestamp (3) with time zone,
	"lease_token" uuid,
	"lease_expires_at" timestamp (3) with time zone,
	CONSTRAINT "project_volumes_lease" CHECK (num_nulls("project_volumes"."lease_token", "project_volumes"."lease_expires_at") in (0, 2))
);
--> statement-breakpoint
CREATE TABLE "snapshots" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"project_id" uuid,
	"name" text,
	"kind" text NOT NULL,
	"state" text DEFAULT 'pending' NOT NULL,
	"object_key" text NOT NULL,
	"size" bigint DEFAULT 0 NOT NULL,
	"files" integer DEFAULT 0 NOT NULL,
	"left_out" integer DEFAULT 0 NOT NULL,
	"checksum" "bytea",
	"digest" "bytea",
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "snapshots_kind" CHECK ("snapshots"."kind" in ('manual', 'automatic')),
	CONSTRAINT "snapshots_state" CHECK ("snapshots"."state" in ('pending', 'complete')),
	CONSTRAINT "snapshots_name_length" CHECK (char_length("snapshots"."name") between 1 and 100),
	CONSTRAINT "snapshots_hash_lengths" CHECK (octet_length("snapshots"."checksum") = 32 and octet_length("snapshots"."digest") = 32),
	CONSTRAINT "snapshots_complete" CHECK ("snapshots"."state" = 'pending' or num_nulls("snapshots"."checksum", "snapshots"."digest") = 0)
);
--> statement-breakpoint
ALTER TABLE "project_volumes" ADD CONSTRAINT "project_volumes_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "project_volumes_due" ON "project_volumes" USING btree ("snapshot_due_at") WHERE "project_volumes"."snapshot_due_at" is not null;--> statement-breakpoint
CREATE INDEX "snapshots_list" ON "snapshots" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE INDEX "snapshots_object" ON "snapshots" USING btree ("object_key");--> statement-breakpoint
CREATE INDEX "snapshots_garbage" ON "snapshots" USING btree ("id") WHERE "snapshots"."project_id" is null;--> statement-breakpoint
CREATE INDEX "snapshots_pending" ON "snapshots" USING btree ("project_id") WHERE "snapshots"."state" = 'pending';