CREATE TABLE "project_terminals" (
	"id" uuid PRIMARY KEY NOT NULL,
	"container_id" text NOT NULL,
	"user_id" uuid NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
ALTER TABLE "project_terminals" ADD CONSTRAINT "project_terminals_container_id_container_instances_container_id_fk" FOREIGN KEY ("container_id") REFERENCES "public"."container_instances"("container_id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_terminals" ADD CONSTRAINT "project_terminals_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "project_terminals_container" ON "project_terminals" USING btree ("container_id");--> statement-breakpoint
CREATE INDEX "project_terminals_user" ON "project_terminals" USING btree ("user_id");