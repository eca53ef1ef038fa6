import CWebSockets
import Foundation
import NIOConcurrencyHelpers

/// Resolves host names on threads of their own: libwebsockets would resolve on the service thread and block all
/// connections.
enum NameResolver {
    /// The addresses of `host`, at most four, in the order of `getaddrinfo` (RFC 6724). A numeric host is returned as
    /// it is.
    ///
    /// - Throws: ``WebSocketError`` `cannotResolve`; `cancelled` as soon as the task is cancelled, while the thread in
    ///   `getaddrinfo` ends later.
    static func addresses(of host: String) async throws(WebSocketError) -> [String] {
        if isNumeric(host) { return [host] }
        let lookup = Lookup()
        let found: [String]? = await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                lookup.begin(continuation)
                if Task.isCancelled { lookup.finish(nil) }
                Thread.detachNewThread { lookup.finish(ask(host)) }
            }
        } onCancel: {
            lookup.finish(nil)
        }
        guard let found else { throw WebSocketError(.cancelled, "connecting to \(host) was cancelled") }
        guard !found.isEmpty else { throw WebSocketError(.cannotResolve, "the name \(host) could not be resolved") }
        return found
    }

    private static func isNumeric(_ host: String) -> Bool {
        var four = in_addr()
        var six = in6_addr()
        return inet_pton(AF_INET, host, &four) == 1 || inet_pton(AF_INET6, host, &six) == 1
    }

    private static func ask(_ host: String) -> [String] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, nil, &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [String] = []
        var next = list
        while let entry = next, found.count < 4 {
            var text = [CChar](repeating: 0, count: Int(NI_MAXHOST))
            let info = entry.pointee
            if getnameinfo(info.ai_addr, info.ai_addrlen, &text, UInt32(text.count), nil, 0, NI_NUMERICHOST) == 0 {
                let address = String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                if !found.contains(address) { found.append(address) }
            }
            next = info.ai_next
        }
        return found
    }

    /// One lookup. Finished once, by the resolving thread or by a cancellation.
    private final class Lookup: Sendable {
        private struct State {
            var continuation: CheckedContinuation<[String]?, Never>?
        }

        private let state = NIOLockedValueBox(State())

        func begin(_ continuation: CheckedContinuation<[String]?, Never>) {
            state.withLockedValue { $0.continuation = continuation }
        }

        func finish(_ addresses: [String]?) {
            let continuation = state.withLockedValue { state in
                defer { state.continuation = nil }
                return state.continuation
            }
            continuation?.resume(returning: addresses)
        }
    }
}
