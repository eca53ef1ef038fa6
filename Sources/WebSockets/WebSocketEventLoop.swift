package import Logging

/// Runs libwebsockets on a thread of its own; opens WebSockets and listens for them.
///
/// All functions may be called from any task. Callbacks, libwebsockets' types and blocking calls stay inside this
/// module.
package final class WebSocketEventLoop: Sendable {
    private let service: ServiceThread

    /// Starts the thread.
    ///
    /// - Parameter caFile: a PEM file of certificates that are trusted in addition to the system's.
    /// - Throws: ``WebSocketError`` `tls` when `caFile` cannot be used, `other` when libwebsockets cannot start.
    package init(logger: Logger, caFile: String? = nil) throws {
        service = ServiceThread(logger: logger)
        try service.start(caFile: caFile)
    }

    deinit { service.post(.stop) }

    /// Opens a WebSocket: resolves the name, tries its addresses in turn, upgrades.
    ///
    /// Returns or throws within the request's timeout, and at once when the task is cancelled or the event loop is shut
    /// down. Redirects are not followed; no subprotocol and no extension is offered.
    /// - Throws: ``WebSocketError`` only.
    package func connect(_ request: WebSocketRequest) async throws -> WebSocket {
        let url = try WebSocketURL(request.url)
        try Self.check(request.headers)
        let limit = min(request.timeout, .seconds(60))
        return try await withDeadline(.now + limit, of: url) {
            let addresses = try await NameResolver.addresses(of: url.host)
            return try await self.connect(request, url, addresses, until: .now + limit)
        }
    }

    /// Listens on a port.
    ///
    /// - Throws: ``WebSocketError`` `other` when the port cannot be bound, `tls` when the certificate or key cannot be
    ///   used, `closed` after ``shutdown()``.
    package func listen(_ options: ListenOptions) async throws -> WebSocketServer {
        try await withCheckedThrowingContinuation { waiter in
            if !service.post(.listen(options, waiter)) {
                waiter.resume(throwing: WebSocketError(.closed, "the socket loop is shut down"))
            }
        }
    }

    /// Sends 1001 on all connections, closes all ports and ends the thread, within two seconds. Connecting tasks get
    /// `closed`. Idempotent.
    package func shutdown() async {
        service.post(.stop)
        await service.waitForExit()
    }

    /// Tries the addresses in turn. Each but the last gets its share of the remaining time, so that an address that
    /// drops packets leaves time for the others.
    private func connect(
        _ request: WebSocketRequest, _ url: WebSocketURL, _ addresses: [String], until end: ContinuousClock.Instant
    ) async throws -> WebSocket {
        for (index, address) in addresses.enumerated().dropLast() {
            let share = (end - .now) / (addresses.count - index)
            do {
                return try await withDeadline(.now + share, of: url) {
                    try await self.connect(request, url, address)
                }
            } catch let error as WebSocketError where error.code == .refused || error.code == .timeout {
                continue
            }
        }
        guard let last = addresses.last else { throw WebSocketError(.cannotResolve, "\(url.place): no address") }
        return try await connect(request, url, last)
    }

    private func connect(_ request: WebSocketRequest, _ url: WebSocketURL, _ address: String) async throws -> WebSocket
    {
        let attempt = ConnectAttempt(id: service.newID(), url: url, address: address, request: request)
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                attempt.begin(continuation)
                if !service.post(.open(attempt)) { attempt.fail(.closed, "the socket loop is shut down") }
            }
        } onCancel: {
            attempt.fail(.cancelled, "connecting was cancelled")
            service.post(.abandon(attempt.id))
        }
    }

    /// Runs `work` until `end`, then cancels it and throws `timeout`. `work` must react to cancellation at once.
    private func withDeadline(
        _ end: ContinuousClock.Instant, of url: WebSocketURL, _ work: @escaping @Sendable () async throws -> WebSocket
    ) async throws -> WebSocket {
        try await withThrowingTaskGroup(of: WebSocket.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await work() }
            group.addTask {
                do { try await Task.sleep(until: end, clock: .continuous) } catch {
                    throw WebSocketError(.cancelled, "\(url.place): connecting was cancelled")
                }
                throw WebSocketError(.timeout, "\(url.place): no WebSocket within the time allowed")
            }
            guard let socket = try await group.next() else {
                throw WebSocketError(.cancelled, "\(url.place): connecting was cancelled")
            }
            return socket
        }
    }

    /// Checks names and values against control characters and separators, so that a value cannot add a header (RFC 9110
    /// section 5.5).
    private static func check(_ headers: [(String, String)]) throws(WebSocketError) {
        for (name, value) in headers {
            let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }
            guard isName, value.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
                throw WebSocketError(.other, "a header of the WebSocket request holds characters that HTTP forbids")
            }
        }
    }
}
