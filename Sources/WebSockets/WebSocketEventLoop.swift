package import Logging

/// libwebsockets on one thread of its own: opens WebSockets and listens for them.
///
/// All methods may be called from any task. No callback, no libwebsockets type and no blocking call gets outside.
package final class WebSocketEventLoop: Sendable {
    private let service: ServiceThread

    /// Starts the thread.
    ///
    /// - Parameter caFile: certificates (PEM) that are trusted besides those of the system.
    /// - Throws: ``WebSocketError`` `tls` when `caFile` is of no use, `other` when libwebsockets cannot start.
    package init(logger: Logger, caFile: String? = nil) throws {
        service = ServiceThread(logger: logger)
        try service.start(caFile: caFile)
    }

    deinit { service.post(.stop) }

    /// Opens a WebSocket: resolves the name, tries its addresses in turn, upgrades.
    ///
    /// Never hangs: ends within the request's timeout, at once when the task is cancelled or the loop is shut down.
    /// Redirects are not followed, no subprotocol and no extension is offered.
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
    /// - Throws: ``WebSocketError`` `other` when the port cannot be had, `tls` when the certificate or key is of no
    ///   use.
    package func listen(_ options: ListenOptions) async throws -> WebSocketServer {
        try await withCheckedThrowingContinuation { waiter in
            if !service.post(.listen(options, waiter)) {
                waiter.resume(throwing: WebSocketError(.closed, "the socket loop is shut down"))
            }
        }
    }

    /// Closes everything with 1001 and ends the thread, within two seconds; tasks that wait for a connection resume.
    /// Idempotent.
    package func shutdown() async {
        service.post(.stop)
        await service.waitForExit()
    }

    /// The addresses in turn. Each but the last gets its share of the time, so that a black hole leaves some for the rest.
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

    /// Runs `work`, which must honour cancellation at once, for a limited time.
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

    private static func check(_ headers: [(String, String)]) throws(WebSocketError) {
        for (name, value) in headers {
            let isName = !name.isEmpty && name.utf8.allSatisfy { $0 > 32 && $0 < 127 && $0 != UInt8(ascii: ":") }
            guard isName, value.utf8.allSatisfy({ $0 >= 32 && $0 != 127 }) else {
                throw WebSocketError(.other, "a header of the WebSocket request holds characters that HTTP forbids")
            }
        }
    }
}
