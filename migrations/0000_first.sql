CREATE TABLE "api_keys" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"hash" "bytea" NOT NULL,
	"prefix" text NOT NULL,
	"is_predefined" boolean DEFAULT false NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "api_keys_hash_length" CHECK (octet_length("api_keys"."hash") = 32),
	CONSTRAINT "api_keys_name_length" CHECK (char_length("api_keys"."name") between 1 and 100)
);
--> statement-breakpoint
CREATE TABLE "audit_events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"user_id" uuid,
	"action" text NOT NULL,
	"subject" text,
	"request_id" text,
	"ip" text,
	"details" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "audit_events_action_length" CHECK (char_length("audit_events"."action") between 1 and 64)
);
--> statement-breakpoint
CREATE TABLE "auth_sessions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL
);
--> statement-breakpoint
CREATE TABLE "container_instances" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"project_id" uuid NOT NULL,
	"container_id" text NOT NULL,
	"image" text NOT NULL,
	"preview_host_port" integer,
	"state" text DEFAULT 'created' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"stopped_at" timestamp (3) with time zone,
	CONSTRAINT "container_instances_state" CHECK ("container_instances"."state" in ('created', 'running', 'stopped')),
	CONSTRAINT "container_instances_port" CHECK ("container_instances"."preview_host_port" between 1 and 65535)
);
--> statement-breakpoint
CREATE TABLE "execution_logs" (
	"session_id" uuid NOT NULL,
	"seq" integer NOT NULL,
	"stream" text NOT NULL,
	"data" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "execution_logs_session_id_seq_pk" PRIMARY KEY("session_id","seq"),
	CONSTRAINT "execution_logs_stream" CHECK ("execution_logs"."stream" in ('stdout', 'stderr'))
);
--> statement-breakpoint
CREATE TABLE "backend_execution_sessions" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"project_id" uuid,
	"language" text NOT NULL,
	"version" text NOT NULL,
	"status" text DEFAULT 'queued' NOT NULL,
	"message" text,
	"exit_code" integer,
	"signal" text,
	"execution_time" double precision,
	"cpu_time" double precision,
	"memory" bigint,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"started_at" timestamp (3) with time zone,
	"finished_at" timestamp (3) with time zone,
	"expires_at" timestamp (3) with time zone,
	CONSTRAINT "execution_sessions_status" CHECK ("backend_execution_sessions"."status" in ('queued', 'compiling', 'running', 'completed', 'runtime_error', 'compile_error', 'timeout', 'memory_limit', 'output_limit', 'killed', 'internal_error')),
	CONSTRAINT "execution_sessions_language_length" CHECK (char_length("backend_execution_sessions"."language") between 1 and 64),
	CONSTRAINT "execution_sessions_finished" CHECK ("backend_execution_sessions"."finished_at" is null or "backend_execution_sessions"."status" not in ('queued', 'compiling', 'running'))
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"runtime" text NOT NULL,
	"status" text DEFAULT 'stopped' NOT NULL,
	"error" text,
	"previews" text DEFAULT 'private' NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_active_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"operation" text,
	"operation_owner" uuid,
	"operation_expires_at" timestamp (3) with time zone,
	CONSTRAINT "projects_name_length" CHECK (char_length("projects"."name") between 1 and 100),
	CONSTRAINT "projects_runtime_length" CHECK (char_length("projects"."runtime") between 1 and 64),
	CONSTRAINT "projects_status" CHECK ("projects"."status" in ('stopped', 'starting', 'running', 'stopping', 'error')),
	CONSTRAINT "projects_previews" CHECK ("projects"."previews" in ('private', 'public')),
	CONSTRAINT "projects_error" CHECK ("projects"."status" <> 'error' or "projects"."error" is not null),
	CONSTRAINT "projects_lease" CHECK (num_nulls("projects"."operation", "projects"."operation_owner", "projects"."operation_expires_at") in (0, 3))
);
--> statement-breakpoint
CREATE TABLE "users" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"email" text,
	"password_hash" text,
	"name" text,
	"role" text NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "users_role" CHECK ("users"."role" in ('admin', 'user')),
	CONSTRAINT "users_email_lower_case" CHECK ("users"."email" = lower("users"."email")),
	CONSTRAINT "users_email_length" CHECK (char_length("users"."email") between 3 and 254),
	CONSTRAINT "users_name_length" CHECK (char_length("users"."name") between 1 and 100),
	CONSTRAINT "users_claimed" CHECK (("users"."email" is null) = ("users"."password_hash" is null))
);
--> statement-breakpoint
ALTER TABLE "api_keys" ADD CONSTRAINT "api_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_events" ADD CONSTRAINT "audit_events_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE set null ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "auth_sessions" ADD CONSTRAINT "auth_sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "container_instances" ADD CONSTRAINT "container_instances_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "execution_logs" ADD CONSTRAINT "execution_logs_session_id_backend_execution_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."backend_execution_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "backend_execution_sessions" ADD CONSTRAINT "backend_execution_sessions_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "backend_execution_sessions" ADD CONSTRAINT "backend_execution_sessions_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_hash" ON "api_keys" USING btree ("hash");--> statement-breakpoint
CREATE UNIQUE INDEX "api_keys_predefined" ON "api_keys" USING btree ("is_predefined") WHERE "api_keys"."is_predefined";--> statement-breakpoint
CREATE INDEX "api_keys_list" ON "api_keys" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "audit_events_list" ON "audit_events" USING btree ("created_at","id");--> statement-breakpoint
CREATE INDEX "audit_events_user" ON "audit_events" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "auth_sessions_user" ON "auth_sessions" USING btree ("user_id");--> statement-breakpoint
CREATE INDEX "auth_sessions_expiry" ON "auth_sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE UNIQUE INDEX "container_instances_container" ON "container_instances" USING btree ("container_id");--> statement-breakpoint
CREATE UNIQUE INDEX "container_instances_live" ON "container_instances" USING btree ("project_id") WHERE "container_instances"."state" <> 'stopped';--> statement-breakpoint
CREATE INDEX "container_instances_list" ON "container_instances" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE INDEX "execution_sessions_list" ON "backend_execution_sessions" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "execution_sessions_project" ON "backend_execution_sessions" USING btree ("project_id","created_at","id");--> statement-breakpoint
CREATE INDEX "execution_sessions_unfinished" ON "backend_execution_sessions" USING btree ("created_at") WHERE "backend_execution_sessions"."finished_at" is null;--> statement-breakpoint
CREATE INDEX "execution_sessions_expiry" ON "backend_execution_sessions" USING btree ("expires_at");--> statement-breakpoint
CREATE INDEX "projects_list" ON "projects" USING btree ("user_id","created_at","id");--> statement-breakpoint
CREATE INDEX "projects_awake" ON "projects" USING btree ("status","last_active_at") WHERE "projects"."status" <> 'stopped';--> statement-breakpoint
CREATE INDEX "projects_operation" ON "projects" USING btree ("operation_expires_at") WHERE "projects"."operation" is not null;--> statement-breakpoint
CREATE UNIQUE INDEX "users_email" ON "users" USING btree ("email");--> statement-breakpoint
CREATE UNIQUE INDEX "users_unclaimed" ON "users" USING btree (("email" is null)) WHERE "users"."email" is null;