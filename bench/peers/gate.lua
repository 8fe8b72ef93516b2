-- The check of an RFC 9421 signature (or of Basic) in nginx with Lua, by OpenSSL through LuaJIT's FFI, which is
-- the fastest way there. Not done here: replay, rate limit, log, the many ways to cover a request.
local ffi = require "ffi"
ffi.cdef [[
const void *EVP_sha256(void);
unsigned char *HMAC(const void *evp_md, const void *key, int key_len, const unsigned char *data,
                    size_t data_len, unsigned char *md, unsigned int *md_len);
unsigned char *SHA256(const unsigned char *data, size_t count, unsigned char *md_buf);
int CRYPTO_memcmp(const void *a, const void *b, size_t len);
]]
local C = ffi.C
local sha256 = C.EVP_sha256()
local mac = ffi.new("unsigned char[32]")
local mac_size = ffi.new("unsigned int[1]")

local M = {}
local tokens = {}  -- key -> {secret, grants}
local basics = {}  -- base64 of key:secret -> the same
local routes = {}  -- path -> section

function M.load(tokens_file, routes_file)
    for line in io.lines(tokens_file) do
        local key, secret, sections = line:match("^(%S+)\t(%S+)\t(%S*)$")
        local grants = {}
        for section in sections:gmatch("[^,]+") do grants[section] = true end
        tokens[key] = { secret = secret, grants = grants }
        basics[ngx.encode_base64(key .. ":" .. secret)] = tokens[key]
    end
    for line in io.lines(routes_file) do
        local path, section = line:match("^(%S+)\t(%S+)$")
        routes[path] = section
    end
end

local function equal(text, bytes)
    return text ~= nil and #text == 32 and C.CRYPTO_memcmp(text, bytes, 32) == 0
end

local function digest_matches(field)
    ngx.req.read_body()
    local body = ngx.req.get_body_data() or ""
    local found = ngx.re.match(field, [[^sha-256=:([A-Za-z0-9+/=]+):$]], "jo")
    if not found then return false end
    C.SHA256(body, #body, mac)
    return equal(ngx.decode_base64(found[1]), mac)
end

local function signer(var)
    local input = var.http_signature_input
    local signature = var.http_signature
    if not input or not signature then return nil end
    local found = ngx.re.match(input, [[^kwik=((\([^)]*\));created=([0-9]+);keyid="([^"]+)".*)$]], "jo")
    local sent = ngx.re.match(signature, [[^kwik=:([A-Za-z0-9+/=]+):$]], "jo")
    if not found or not sent then return nil end
    local age = ngx.time() - tonumber(found[3])
    local token = tokens[found[4]]
    if age > 300 or age < -30 or not token then return nil end
    local method = var.request_method
    local base = '"@method": ' .. method .. '\n"@target-uri": http://' .. var.http_host .. var.request_uri .. "\n"
    if method == "POST" then
        local digest = var.http_content_digest
        if not digest or found[2] ~= '("@method" "@target-uri" "content-digest")' then return nil end
        base = base .. '"content-digest": ' .. digest .. "\n"
    elseif found[2] ~= '("@method" "@target-uri")' then
        return nil
    end
    base = base .. '"@signature-params": ' .. found[1]
    C.HMAC(sha256, token.secret, #token.secret, base, #base, mac, mac_size)
    if not equal(ngx.decode_base64(sent[1]), mac) then return nil end
    if method == "POST" and not digest_matches(var.http_content_digest) then return nil end
    return token
end

function M.check()
    local var = ngx.var
    local section = routes[var.uri]
    if not section then return ngx.exit(404) end
    local authorization = var.http_authorization
    local token
    if authorization then
        token = basics[authorization:sub(7)]
    else
        token = signer(var)
    end
    if not token then return ngx.exit(401) end
    if not token.grants[section] then return ngx.exit(403) end
    ngx.req.set_header("X-Kwik-Section", section)
end

return M
