ALTER TABLE "project_volumes" ADD COLUMN "snapshot_checked_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "project_volumes" ADD COLUMN "snapshot_error" text;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "content_bytes" bigint;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "base_object_key" text;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "base_size" bigint;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "base_checksum" "bytea";--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "base_taken_at" timestamp (3) with time zone;--> statement-breakpoint
ALTER TABLE "snapshots" ADD COLUMN "base_content_bytes" bigint;--> statement-breakpoint
CREATE INDEX "snapshots_base" ON "snapshots" USING btree ("base_object_key") WHERE "snapshots"."base_object_key" is not null;--> statement-breakpoint
ALTER TABLE "snapshots" ADD CONSTRAINT "snapshots_base" CHECK (num_nulls("snapshots"."base_object_key", "snapshots"."base_size", "snapshots"."base_checksum", "snapshots"."base_taken_at", "snapshots"."base_content_bytes") in (0, 5));