CREATE TABLE "preview_handovers" (
	"token_hash" "bytea" PRIMARY KEY NOT NULL,
	"session_id" uuid NOT NULL,
	"project_id" uuid NOT NULL,
	"port" integer NOT NULL,
	"expires_at" timestamp (3) with time zone NOT NULL,
	CONSTRAINT "preview_handovers_hash_length" CHECK (octet_length("preview_handovers"."token_hash") = 32),
	CONSTRAINT "preview_handovers_port" CHECK ("preview_handovers"."port" between 1 and 65535)
);
--> statement-breakpoint
ALTER TABLE "preview_handovers" ADD CONSTRAINT "preview_handovers_session_id_auth_sessions_id_fk" FOREIGN KEY ("session_id") REFERENCES "public"."auth_sessions"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "preview_handovers" ADD CONSTRAINT "preview_handovers_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "preview_handovers_session" ON "preview_handovers" USING btree ("session_id");--> statement-breakpoint
CREATE INDEX "preview_handovers_project" ON "preview_handovers" USING btree ("project_id");--> statement-breakpoint
CREATE INDEX "preview_handovers_expiry" ON "preview_handovers" USING btree ("expires_at");