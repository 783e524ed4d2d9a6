CREATE TABLE "ssh_keys" (
	"id" uuid PRIMARY KEY DEFAULT gen_random_uuid() NOT NULL,
	"user_id" uuid NOT NULL,
	"name" text NOT NULL,
	"type" text NOT NULL,
	"fingerprint" "bytea" NOT NULL,
	"created_at" timestamp (3) with time zone DEFAULT now() NOT NULL,
	"last_used_at" timestamp (3) with time zone,
	CONSTRAINT "ssh_keys_fingerprint_length" CHECK (octet_length("ssh_keys"."fingerprint") = 32),
	CONSTRAINT "ssh_keys_type_length" CHECK (char_length("ssh_keys"."type") between 1 and 64),
	CONSTRAINT "ssh_keys_name_length" CHECK (char_length("ssh_keys"."name") between 1 and 100)
);
--> statement-breakpoint
ALTER TABLE "ssh_keys" ADD CONSTRAINT "ssh_keys_user_id_users_id_fk" FOREIGN KEY ("user_id") REFERENCES "public"."users"("id") ON DELETE cascade ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "ssh_keys_fingerprint" ON "ssh_keys" USING btree ("fingerprint");--> statement-breakpoint
CREATE INDEX "ssh_keys_list" ON "ssh_keys" USING btree ("user_id","created_at","id");