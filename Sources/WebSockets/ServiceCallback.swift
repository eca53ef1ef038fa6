import CWebSockets

/// The callback of libwebsockets for every event, always on the service thread.
///
/// A connection ends in CLIENT_CONNECTION_ERROR, CLOSED_CLIENT_HTTP (closed during the upgrade), CLIENT_CLOSED or
/// CLOSED, and in every case in WSI_DESTROY. Only the last one ends the ``ConnectionState``.
func serviceCallback(
    _ wsi: OpaquePointer?, _ reason: lws_callback_reasons, _ user: UnsafeMutableRawPointer?,
    _ input: UnsafeMutableRawPointer?, _ count: Int
) -> Int32 {
    let payload = UnsafeRawBufferPointer(start: input, count: input == nil ? 0 : count)
    switch reason {
    case LWS_CALLBACK_CLIENT_ESTABLISHED, LWS_CALLBACK_ESTABLISHED:
        connection(of: wsi)?.opened()
    case LWS_CALLBACK_CLIENT_RECEIVE, LWS_CALLBACK_RECEIVE:
        return connection(of: wsi)?.received(payload) ?? -1
    case LWS_CALLBACK_CLIENT_WRITEABLE, LWS_CALLBACK_SERVER_WRITEABLE:
        return connection(of: wsi)?.writable() ?? -1
    case LWS_CALLBACK_CLIENT_RECEIVE_PONG, LWS_CALLBACK_RECEIVE_PONG:
        connection(of: wsi)?.ponged()
    case LWS_CALLBACK_TIMER:
        if let connection = connection(of: wsi) { connection.timerFired() } else { lws_rx_flow_control(wsi, 1) }
    case LWS_CALLBACK_RAW_RX_FILE:
        if let wsi { service(of: wsi)?.accept(wsi) }
    case LWS_CALLBACK_WS_PEER_INITIATED_CLOSE:
        connection(of: wsi)?.peerClosed(payload)
    case LWS_CALLBACK_CLIENT_APPEND_HANDSHAKE_HEADER:
        return connection(of: wsi)?.attempt.map { appendHeaders($0.request.headers, at: input, room: count) } ?? 0
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
        if let connection = connection(of: wsi), let attempt = connection.attempt {
            explain(attempt, wsi, String(decoding: payload, as: UTF8.self))
        }
    case LWS_CALLBACK_CLOSED_CLIENT_HTTP, LWS_CALLBACK_CLIENT_CLOSED, LWS_CALLBACK_CLOSED, LWS_CALLBACK_WSI_DESTROY:
        if reason == LWS_CALLBACK_WSI_DESTROY, let wsi, let service = service(of: wsi) {
            if let connection = connection(of: wsi) { service.ended(connection) }
            service.destroyed(wsi)
        }
    case LWS_CALLBACK_HTTP_CONFIRM_UPGRADE:
        return confirm(wsi)
    case LWS_CALLBACK_EVENT_WAIT_CANCELLED:
        break
    default:
        return lws_callback_http_dummy(wsi, reason, user, input, count)
    }
    return 0
}

/// The connection of a `wsi`, by the id that it carries: an address could be that of a later connection by now. nil
/// when the connection has ended, or has another `wsi`.
private func connection(of wsi: OpaquePointer?) -> LWSConnection? {
    guard let wsi, let data = lws_get_opaque_user_data(wsi), let service = service(of: wsi),
        let connection = service.connections[UInt64(UInt(bitPattern: data))]
    else { return nil }
    // A client's `wsi` is not known before its connecting call returns.
    return connection.wsi == nil || connection.wsi == wsi ? connection : nil
}

private func service(of wsi: OpaquePointer?) -> ServiceThread? {
    guard let wsi, let user = lws_context_user(lws_get_context(wsi)) else { return nil }
    return Unmanaged<ServiceThread>.fromOpaque(user).takeUnretainedValue()
}

/// Appends the request's own headers. `input` points to libwebsockets' write position, which is advanced
/// (lws-callbacks.h). -1 if they do not fit.
private func appendHeaders(
    _ headers: [(String, String)], at input: UnsafeMutableRawPointer?, room: Int
) -> Int32 {
    guard let position = input?.assumingMemoryBound(to: UnsafeMutablePointer<UInt8>?.self) else { return -1 }
    let bytes = headers.flatMap { Array("\($0.0): \($0.1)\r\n".utf8) }
    guard let start = position.pointee, bytes.count < room else { return -1 }
    start.update(from: bytes, count: bytes.count)
    position.pointee = start + bytes.count
    return 0
}

/// Fails the attempt with an error made from libwebsockets' message. That does not say why TLS failed; OpenSSL's verify
/// result does, else libwebsockets' log line may.
private func explain(_ attempt: ConnectAttempt, _ wsi: OpaquePointer?, _ words: String) {
    let words = words.prefix { $0 != "\0" }
    let status = Int(lws_http_client_http_response(wsi))
    if status >= 100, status != 101 {
        attempt.fail(.upgradeRejected(status: status), "the server answered the upgrade with HTTP \(status)")
    } else if words.contains("Unable to connect") {
        attempt.fail(.refused, "no connection")
    } else if words.contains("imed out") {
        attempt.fail(.timeout, "no answer in time")
    } else if attempt.url.isSecure, words.contains("SSL") || words.contains("X509") || words.contains("SYSCALL") {
        attempt.fail(.tls, "the TLS handshake failed: \(verification(wsi) ?? LWSLog.take() ?? String(words))")
    } else if words.hasPrefix("HS:") {
        attempt.fail(.other, "the answer to the upgrade is no valid WebSocket handshake (\(words))")
    } else {
        attempt.fail(.closed, "the connection was closed during the handshake")
    }
}

/// Why OpenSSL rejected the server's certificate; nil if it did not.
private func verification(_ wsi: OpaquePointer?) -> String? {
    guard let ssl = lws_get_ssl(wsi) else { return nil }
    let result = SSL_get_verify_result(ssl)
    guard result != X509_V_OK, let text = X509_verify_cert_error_string(result) else { return nil }
    return String(cString: text)
}

/// Asks ``ListenOptions/onUpgrade`` about a client's upgrade. Returns 0 to continue, -1 to close the connection.
private func confirm(_ wsi: OpaquePointer?) -> Int32 {
    guard let wsi, let service = service(of: wsi), let listener = service.arrivals[wsi] else { return -1 }
    let request = UpgradeRequest(wsi)
    guard case .refuse(let status) = listener.options.onUpgrade(request) else {
        service.admitted(wsi, by: listener, request: request)
        return 0
    }
    // lws_return_http_status would respond with HTTP/1.0; RFC 6455 section 4.1 requires HTTP/1.1 or higher for the
    // handshake.
    let head = "HTTP/1.1 \((400...599).contains(status) ? status : 403) Refused\r\n"
    var answer = OutgoingFrame(.binary, Array((head + "Content-Length: 0\r\nConnection: close\r\n\r\n").utf8))
    let count = answer.payloadCount
    answer.bytes.withUnsafeMutableBufferPointer { buffer in
        if let base = buffer.baseAddress { lws_write(wsi, base + Int(CLWS_PRE), count, LWS_WRITE_HTTP_HEADERS) }
    }
    return -1
}

extension UpgradeRequest {
    fileprivate init(_ wsi: OpaquePointer) {
        var query: [String: String] = [:]
        var index: Int32 = 0
        while let argument = Self.header(wsi, WSI_TOKEN_HTTP_URI_ARGS, fragment: index) {
            let (name, value) = argument.split(at: "=")
            query[name] = value
            index += 1
        }
        var headers: [String: String] = [:]
        for raw in 0..<WSI_TOKEN_COUNT.rawValue {
            let token = lws_token_indexes(raw)
            guard
                let name = lws_token_to_string(token).map({
                    String(cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self))
                }),
                name.hasSuffix(":"), !name.hasPrefix(":"), let value = Self.header(wsi, token)
            else { continue }
            headers[String(name.dropLast()).lowercased()] = value
        }
        self.init(path: Self.header(wsi, WSI_TOKEN_GET_URI) ?? "/", query: query, headers: headers)
    }

    private static func header(_ wsi: OpaquePointer, _ token: lws_token_indexes, fragment: Int32? = nil) -> String? {
        let length = fragment.map { lws_hdr_fragment_length(wsi, token, $0) } ?? lws_hdr_total_length(wsi, token)
        guard length > 0 else { return nil }
        var text = [CChar](repeating: 0, count: Int(length) + 1)
        let copied =
            fragment.map { lws_hdr_copy_fragment(wsi, &text, length + 1, token, $0) }
            ?? lws_hdr_copy(wsi, &text, length + 1, token)
        guard copied >= 0 else { return nil }
        return String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
}

extension String {
    fileprivate func split(at separator: Character) -> (String, String) {
        guard let position = firstIndex(of: separator) else { return (self, "") }
        return (String(self[..<position]), String(self[index(after: position)...]))
    }
}
