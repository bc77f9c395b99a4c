-- What a deployment is asked: health by monitors, a page, a list from the database, and a write that is now and then new.
local authorization = { ['Authorization'] = 'Bearer bench-operator-token' }
local writing = { ['Authorization'] = authorization.Authorization, ['Content-Type'] = 'application/json' }
local versions = 10000
local count = 0

function request()
  count = count + 1
  local turn = count % 4
  if turn == 0 then return wrk.format('GET', '/api/health') end
  if turn == 1 then return wrk.format('GET', '/') end
  if turn == 2 then return wrk.format('GET', '/api/deployments', authorization) end
  return wrk.format('POST', '/api/deployments', writing, string.format('{"version":"1.0.%d"}', count % versions))
end

dofile(debug.getinfo(1, 'S').source:sub(2):gsub('[^/]+$', '') .. 'wrk-report.lua')
