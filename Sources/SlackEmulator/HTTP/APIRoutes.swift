import Bridge
import Hummingbird

/// The routes `/api/<method>`, `/response/<id>` and `/upload/<id>`.
struct APIRoutes: Sendable {
    let emulator: Emulator
    private var options: EmulatorOptions { emulator.options }

    func handle(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let method = try context.parameters.require("method")
        let body = try await bytes(of: request)
        let fault = emulator.faults.take(method)
        if let early = await act(on: fault, method) { return early }
        let call: APIRequest
        do throws(APIError) { call = try APIRequest(request, body: body, method: method) } catch {
            return answer(.failure(error), to: nil, method)
        }
        if case .endStream = fault { endStream(of: call.arguments) }
        let result = run(call)
        let response = answer(result, to: call, method)
        switch fault {
        case .lostReply: return .lostConnection
        case .bareReply where response.status == .ok: return Response(["ok": true])
        default: return response
        }
    }

    private func endStream(of arguments: APIArguments) {
        guard let channel = try? arguments.string("channel"), let ts = try? arguments.string("ts") else { return }
        emulator.workspace.change { state in
            if let index = state.index(channel: channel, ts: ts) { state.endStream(at: index) }
        }
    }

    /// Checks token, scopes and rate limit, then runs the method.
    private func run(_ call: APIRequest) -> Result<JSONObject, APIError> {
        do throws(APIError) {
            if call.method == "apps.connections.open" { return .success(try openConnection(call)) }
            guard let method = APIMethod.all[call.method] else { throw APIError("unknown_method") }
            try authorise(call, as: method.token)
            if let first = method.scopes.first, options.scopes.isDisjoint(with: method.scopes) {
                throw APIError("missing_scope", needed: first)
            }
            if call.isJSON, !method.takesJSON {
                throw APIError(
                    "invalid_arguments", messages: ["[ERROR] \(call.method) takes no JSON body; send form arguments"])
            }
            return .success(
                try workspaceChange { state throws(APIError) in
                    if options.tierLimits { try state.limits.take(call.method, tier: method.tier) }
                    return try method.run(&state, call.arguments)
                })
        } catch {
            return .failure(error)
        }
    }

    /// `Workspace.change` rethrows any error, so the typed error is passed in a `Result`.
    private func workspaceChange<Value>(
        _ body: (inout WorkspaceState) throws(APIError) -> Value
    ) throws(APIError) -> Value {
        let result: Result<Value, APIError> = emulator.workspace.change { state in
            do throws(APIError) { return .success(try body(&state)) } catch { return .failure(error) }
        }
        return try result.get()
    }

    private func openConnection(_ call: APIRequest) throws(APIError) -> JSONObject {
        guard call.isPost else { throw APIError("insecure_request") }
        try authorise(call, as: .app)
        if options.tierLimits {
            // Slack's SDKs assume tier 1; the method's page says tier 3.
            try workspaceChange { state throws(APIError) in try state.limits.take(call.method, tier: .three) }
        }
        return ["ok": true, "url": .string(emulator.gateway.connectionURL())]
    }

    private func authorise(_ call: APIRequest, as wanted: APIMethod.Token) throws(APIError) {
        guard let token = call.token, !token.isEmpty else { throw APIError("not_authed") }
        let (right, other) =
            wanted == .bot ? (options.botToken, options.appToken) : (options.appToken, options.botToken)
        if token == right { return }
        throw APIError(token == other ? "not_allowed_token_type" : "invalid_auth")
    }

    /// The response that a fault causes before the call; nil when the call is to be carried out.
    func act(on fault: APIFault.Kind?, _ method: String) async -> Response? {
        switch fault {
        case nil, .lostReply, .bareReply, .endStream: return nil
        case .error(let code): return answer(.failure(APIError(code)), to: nil, method)
        case .status(let status, let retryAfter):
            let code = status == 429 ? "ratelimited" : "internal_error"
            let wait = status == 429 ? retryAfter ?? 1 : retryAfter
            return answer(.failure(APIError(code, status: status, retryAfter: wait)), to: nil, method)
        case .hang(let time):
            emulator.trafficLog.note(.call, method, ["fault": "hang"])
            try? await Task.sleep(for: time)
            return .lostConnection
        case .delay(let time):
            try? await Task.sleep(for: time)
            return nil
        case .garbage:
            emulator.trafficLog.note(.call, method, ["fault": "garbage"])
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "<html>upstream error</html>")))
        }
    }

    private func answer(_ result: Result<JSONObject, APIError>, to call: APIRequest?, _ method: String) -> Response {
        var headers: HTTPFields = [:]
        if let name = HTTPFields.Element.Name("x-oauth-scopes") {
            headers[name] = options.scopes.sorted().joined(separator: ",")
        }
        let arguments = call?.arguments.logged ?? .null
        switch result {
        case .success(var body):
            emulator.trafficLog.note(
                .call, method, ["ok": true, "arguments": arguments, "ts": body["ts"] ?? body["message_ts"] ?? .null])
            if call?.lacksCharset == true {
                body["warning"] = "missing_charset"
                body["response_metadata"] = ["warnings": ["missing_charset"]]
            }
            return Response(.object(body), headers: headers)
        case .failure(let error):
            emulator.trafficLog.note(
                .call, method,
                [
                    "ok": false, "error": .string(error.code), "status": .int(Int64(error.status)),
                    "arguments": arguments, "messages": .array(error.messages.map { .string($0) }),
                ])
            if let wait = error.retryAfter { headers[.retryAfter] = String(wait) }
            return Response(error.body(provided: options.scopes), status: error.status, headers: headers)
        }
    }

    func respond(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let id = try context.parameters.require("id")
        let body = try await bytes(of: request)
        let fault = emulator.faults.take("response_url")
        if let early = await act(on: fault, "response_url") { return early }
        let json = (try? JSONValue(parsing: body)) ?? .null
        do throws(APIError) {
            try workspaceChange { state throws(APIError) in try Responses.use(id, json, &state) }
            emulator.trafficLog.note(.response, "ok", json)
            if case .lostReply = fault { return .lostConnection }
            return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "ok")))
        } catch {
            emulator.trafficLog.note(
                .response, error.code, ["body": json, "messages": .array(error.messages.map { .string($0) })])
            return Response(error.body(provided: options.scopes), status: error.status)
        }
    }

    func upload(_ request: Request, _ context: BasicRequestContext) async throws -> Response {
        let id = try context.parameters.require("id")
        let body = try await bytes(of: request)
        let fault = emulator.faults.take("upload_url")
        if let early = await act(on: fault, "upload_url") { return early }
        let type = request.headers[.contentType] ?? ""
        let content = type.hasPrefix("multipart/form-data") ? Multipart.firstFile(in: body, type: type) : body
        let isTaken = emulator.workspace.change { state in
            guard let content, let upload = state.uploads[id], upload.length == content.count, upload.bytes == nil
            else {
                return false
            }
            state.uploads[id]?.bytes = content
            return true
        }
        emulator.trafficLog.note(
            .call, "upload_url",
            [
                "ok": .bool(isTaken), "bytes": .int(Int64(content?.count ?? 0)),
                "has_token": .bool(request.headers[.authorization] != nil),
            ])
        guard isTaken, let content else { return Response(status: .badRequest) }
        if case .lostReply = fault { return .lostConnection }
        return Response(status: .ok, body: .init(byteBuffer: ByteBuffer(string: "OK - \(content.count)")))
    }

    private func bytes(of request: Request) async throws -> [UInt8] {
        Array(buffer: try await request.body.collect(upTo: WorkspaceServer.bodyLimit))
    }
}

/// Decodes multipart/form-data as far as uploads need it.
enum Multipart {
    /// The content of the first part; nil if there is none.
    static func firstFile(in body: [UInt8], type: String) -> [UInt8]? {
        guard let mark = type.range(of: "boundary=") else { return nil }
        let boundary = type[mark.upperBound...].prefix { $0 != ";" }.filter { $0 != "\"" }
        guard let head = find(Array("\r\n\r\n".utf8), in: body[...]) else { return nil }
        let content = body[(head + 4)...]
        guard let end = find(Array("\r\n--\(boundary)".utf8), in: content) else { return nil }
        return Array(content[..<end])
    }

    private static func find(_ needle: [UInt8], in bytes: ArraySlice<UInt8>) -> Int? {
        guard bytes.count >= needle.count, let first = needle.first else { return nil }
        var at = bytes.startIndex
        while at + needle.count <= bytes.endIndex {
            guard let next = bytes[at...].firstIndex(of: first), next + needle.count <= bytes.endIndex else {
                return nil
            }
            if bytes[next..<(next + needle.count)].elementsEqual(needle) { return next }
            at = next + 1
        }
        return nil
    }
}
