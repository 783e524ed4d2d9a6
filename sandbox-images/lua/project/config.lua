lua_version = "5.4"
local_by_default = true
