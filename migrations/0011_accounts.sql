CREATE TABLE "account_links" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"hash" "bytea" NOT NULL,
	"user_id" uuid,
	"email" text,
	"role" text,
	"created_by" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "account_links_role" CHECK ("account_links"."role" in ('admin', 'user')),
	CONSTRAINT "account_links_kind" CHECK (("account_links"."user_id" is null) = ("account_links"."role" is not null)),
	CONSTRAINT "account_links_email_length" CHECK (char_length("account_links"."email") between 3 and 254),
	CONSTRAINT "account_links_hash_length" CHECK (octet_length("account_links"."hash") = 32)
);
--> statement-breakpoint
CREATE TABLE "project_variables" (
	"project_id" uuid NOT NULL,
	"name" text NOT NULL,
	"is_secret" boolean NOT NULL,
	"value" "bytea" NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "project_variables_key" PRIMARY KEY("project_id","name"),
	CONSTRAINT "project_variables_name_length" CHECK (char_length("project_variables"."name") between 1 and 100),
	CONSTRAINT "project_variables_value_length" CHECK (octet_length("project_variables"."value") <= 65536)
);
--> statement-breakpoint
DROP INDEX "auth_sessions_user";--> statement-breakpoint
ALTER TABLE "auth_sessions" ADD COLUMN "ip" text;--> statement-breakpoint
ALTER TABLE "auth_sessions" ADD COLUMN "user_agent" text;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "memory_bytes" bigint;--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "cpus" double precision;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "disabled_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "account_links" ADD CONSTRAINT "account_links_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "account_links" ADD CONSTRAINT "account_links_created_by_users_id_fk" FOREIGN KEY ("created_by") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_variables" ADD CONSTRAINT "project_variables_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "account_links_hash" ON "account_links" USING btree ("hash");--> statement-breakpoint
CREATE INDEX "account_links_user" ON "account_links" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "account_links_creator" ON "account_links" USING btree ("created_by");--> statement-breakpoint
CREATE INDEX "account_links_list" ON "account_links" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "projects_list_all" ON "projects" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "users_list" ON "users" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "auth_sessions_user" ON "auth_sessions" USING btree ("user_id","created_at","id");--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_memory" CHECK ("projects"."memory_bytes" > 0);--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_cpus" CHECK ("projects"."cpus" > 0);