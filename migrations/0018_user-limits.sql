ALTER TABLE "users" ADD COLUMN "projects_most" integer;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "projects_running_most" integer;--> statement-breakpoint
ALTER TABLE "users" ADD COLUMN "snapshot_bytes_most" bigint;--> statement-breakpoint
ALTER TABLE "users" ADD CONSTRAINT "users_limits" CHECK ("users"."projects_most" >= 0 and "users"."projects_running_most" >= 1 and "users"."snapshot_bytes_most" >= 0);