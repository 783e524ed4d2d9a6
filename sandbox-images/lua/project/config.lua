lua_interpreter = "lua5.4"
lua_version = "5.4"
local_by_default = true
