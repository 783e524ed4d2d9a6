export interface NetworkCreateBody {
  Name: string
  Driver?: string
  /** Refuses a second network of the same name, which Engines before 25 would otherwise make. */
  CheckDuplicate?: boolean
  Internal?: boolean
  Attachable?: boolean
  EnableIPv6?: boolean
  IPAM?: { Driver?: string, Config?: Array<{ Subnet?: string, Gateway?: string }> }
  /** Strings, as in `{ "com.docker.network.bridge.enable_icc": "false" }`. */
  Options?: Record<string, string>
  Labels?: Record<string, string>
}

export interface Network {
  Id: string
  Name: string
  Driver: string
  Scope: string
  Internal: boolean
  IPAM: { Driver: string, Config: Array<{ Subnet?: string, Gateway?: string }> | null }
  /** By container id; only inspect fills it. */
  Containers?: Record<string, { Name: string, IPv4Address: string }>
  Options: Record<string, string>
  Labels: Record<string, string>
}
