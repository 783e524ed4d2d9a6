CREATE TABLE "project_git_credentials" (
	"project_id" uuid NOT NULL,
	"host" text NOT NULL,
	"username" text NOT NULL,
	"password" "bytea" NOT NULL,
	"updated_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "project_git_credentials_key" PRIMARY KEY("project_id","host"),
	CONSTRAINT "project_git_credentials_host_length" CHECK (char_length("project_git_credentials"."host") between 1 and 100),
	CONSTRAINT "project_git_credentials_username_length" CHECK (char_length("project_git_credentials"."username") between 1 and 256),
	CONSTRAINT "project_git_credentials_password_length" CHECK (octet_length("project_git_credentials"."password") <= 8192)
);
--> statement-breakpoint
ALTER TABLE "project_git_credentials" ADD CONSTRAINT "project_git_credentials_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;