DROP INDEX "execution_sessions_expiry";--> statement-breakpoint
DROP INDEX "execution_sessions_unfinished";--> statement-breakpoint
ALTER TABLE "execution_logs" ADD COLUMN "stage" text NOT NULL;--> statement-breakpoint
ALTER TABLE "execution_logs" ADD COLUMN "lengths" integer[] NOT NULL;--> statement-breakpoint
ALTER TABLE "backend_execution_sessions" ADD COLUMN "is_interactive" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "backend_execution_sessions" ADD COLUMN "result" jsonb;--> statement-breakpoint
ALTER TABLE "backend_execution_sessions" ADD COLUMN "is_log_truncated" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "backend_execution_sessions" ADD COLUMN "instance_id" text NOT NULL;--> statement-breakpoint
ALTER TABLE "backend_execution_sessions" ADD COLUMN "boot_id" uuid NOT NULL;--> statement-breakpoint
ALTER TABLE "backend_execution_sessions" ADD COLUMN "lease_expires_at" timestamp (3) with time zone NOT NULL;--> statement-breakpoint
CREATE INDEX "execution_sessions_age" ON "backend_execution_sessions" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "execution_sessions_unfinished" ON "backend_execution_sessions" USING btree ("lease_expires_at") WHERE "backend_execution_sessions"."finished_at" is null;--> statement-breakpoint
ALTER TABLE "backend_execution_sessions" DROP COLUMN "expires_at";--> statement-breakpoint
ALTER TABLE "execution_logs" ADD CONSTRAINT "execution_logs_stage" CHECK ("execution_logs"."stage" in ('compile', 'run'));