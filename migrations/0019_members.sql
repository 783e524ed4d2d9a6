CREATE TABLE "assignment_copies" (
	"project_id" uuid NOT NULL,
	"assignment_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	CONSTRAINT "assignment_copies_key" PRIMARY KEY("assignment_id","user_id")
);
--> statement-breakpoint
CREATE TABLE "assignments" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"teacher_id" uuid NOT NULL,
	"name" text NOT NULL,
	"runtime" text NOT NULL,
	"network" text NOT NULL,
	"memory_bytes" bigint,
	"cpus" double precision,
	"hash" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp (3) with time zone,
	CONSTRAINT "assignments_name_length" CHECK (char_length("assignments"."name") between 1 and 100),
	CONSTRAINT "assignments_network" CHECK ("assignments"."network" in ('internet', 'none')),
	CONSTRAINT "assignments_hash_length" CHECK (octet_length("assignments"."hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "project_invitations" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"project_id" uuid NOT NULL,
	"role" text NOT NULL,
	"hash" "bytea",
	"email" text,
	"user_id" uuid,
	"uses" integer DEFAULT 0 NOT NULL,
	"max_uses" integer,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "project_invitations_role" CHECK ("project_invitations"."role" in ('viewer', 'editor')),
	CONSTRAINT "project_invitations_kind" CHECK (num_nulls("project_invitations"."hash", "project_invitations"."email") = 1),
	CONSTRAINT "project_invitations_for" CHECK ("project_invitations"."user_id" is null or "project_invitations"."email" is not null),
	CONSTRAINT "project_invitations_hash_length" CHECK (octet_length("project_invitations"."hash") = 32),
	CONSTRAINT "project_invitations_email_length" CHECK (char_length("project_invitations"."email") between 3 and 254),
	CONSTRAINT "project_invitations_uses" CHECK ("project_invitations"."uses" >= 0 and "project_invitations"."max_uses" > 0)
);
--> statement-breakpoint
CREATE TABLE "project_members" (
	"project_id" uuid NOT NULL,
	"user_id" uuid NOT NULL,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "project_members_key" PRIMARY KEY("project_id","user_id"),
	CONSTRAINT "project_members_role" CHECK ("project_members"."role" in ('viewer', 'editor'))
);
--> statement-breakpoint
ALTER TABLE "account_links" DROP CONSTRAINT "account_links_role";--> statement-breakpoint
ALTER TABLE "users" DROP CONSTRAINT "users_role";--> statement-breakpoint
DROP INDEX "snapshots_garbage";--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "assignment_id" uuid;--> statement-breakpoint
ALTER TABLE "assignment_copies" ADD CONSTRAINT "assignment_copies_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment_copies" ADD CONSTRAINT "assignment_copies_assignment_id_assignments_id_fk" FOREIGN KEY ("assignment_id") REFERENCES "public"."assignments"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignment_copies" ADD CONSTRAINT "assignment_copies_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "assignments" ADD CONSTRAINT "assignments_teacher_id_users_id_fk" FOREIGN KEY ("teacher_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_invitations" ADD CONSTRAINT "project_invitations_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_invitations" ADD CONSTRAINT "project_invitations_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_members" ADD CONSTRAINT "project_members_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_members" ADD CONSTRAINT "project_members_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "assignment_copies_project" ON "assignment_copies" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "assignment_copies_user" ON "assignment_copies" USING btree ("user_id");--> statement-breakpoint
CREATE UNIQUE INDEX "assignments_hash" ON "assignments" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "assignments_list" ON "assignments" USING btree ("teacher_id","created_at","id");--> statement-breakpoint
CREATE UNIQUE INDEX "project_invitations_hash" ON "project_invitations" USING btree ("hash");--> statement-breakpoint
CREATE UNIQUE INDEX "project_invitations_email" ON "project_invitations" USING btree ("project_id","email");--> statement-breakpoint
CREATE INDEX "project_invitations_list" ON "project_invitations" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE INDEX "project_invitations_user" ON "project_invitations" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "project_members_user" ON "project_members" USING btree ("user_id");--> statement-breakpoint
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_assignment_id_assignments_id_fk" FOREIGN KEY ("assignment_id") REFERENCES "public"."assignments"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "snapshots_assignment" ON "snapshots" USING btree ("assignment_id");--> statement-breakpoint
CREATE INDEX "snapshots_garbage" ON "snapshots" USING btree ("id") WHERE "snapshots"."project_id" is null and "snapshots"."assignment_id" is null;--> statement-breakpoint
ALTER TABLE "account_links" ADD CONSTRAINT "account_links_role" CHECK ("account_links"."role" in ('admin', 'teacher', 'user'));--> statement-breakpoint
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_of" CHECK ("snapshots"."project_id" is null or "snapshots"."assignment_id" is null);--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_role" CHECK ("users"."role" in ('admin', 'teacher', 'user'));