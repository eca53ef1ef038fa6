import CCurl
import Foundation

/// libcurl's multi handle with all running transfers. Created, used and closed on the loop's thread only; it is not
/// Sendable, so the compiler checks this.
final class CurlMultiHandle {
    /// Ends a wait in `turn`; nil when there was no memory or file descriptor at the start. Every request then fails.
    var wakeup: EpollSet.Wakeup? { epollSet?.wakeup }
    private let multi: UnsafeMutableRawPointer?
    private let epollSet: EpollSet?
    /// When libcurl is to be called although no socket is ready; nil when it has set no timer.
    private var timer: ContinuousClock.Instant?
    private var deadlineCheck = DeadlineCheckTimer()
    private let configuration: HTTPClient.Configuration
    /// Owns the running transfers: libcurl's pointers to a transfer are valid while it is in this table.
    private var transfers: [ObjectIdentifier: CurlTransfer] = [:]

    /// "This function is thread-safe since libcurl 7.84.0 if curl_version_info(3) has the CURL_VERSION_THREADSAFE
    /// feature bit set (most platforms)" (https://curl.se/libcurl/c/curl_global_init.html); Debian's 7.88 has it.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ configuration: HTTPClient.Configuration) {
        self.configuration = configuration
        let epollSet = EpollSet()
        self.epollSet = epollSet
        multi = Self.isLibraryReady && epollSet != nil ? curl_multi_init() : nil
        guard let multi else { return }
        ccurl_multi_set_long(multi, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        let connections = min(max(configuration.maxConnectionsPerHost, 1), 10_000)  // 0 would mean without limit
        ccurl_multi_set_long(multi, CURLMOPT_MAX_HOST_CONNECTIONS, connections)
        ccurl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, 4 * connections)
        // Unretained: libcurl calls back only from inside calls that this object makes, and `close` frees the multi
        // handle before this object is freed.
        let user = Unmanaged.passUnretained(self).toOpaque()
        ccurl_multi_set_pointer(multi, CURLMOPT_SOCKETDATA, user)
        ccurl_multi_set_pointer(multi, CURLMOPT_TIMERDATA, user)
        ccurl_multi_set_socket_callback(multi) { _, socket, what, user, _ in
            CurlMultiHandle.from(user)?.epollSet?.watch(socket, for: what)
            return 0
        }
        ccurl_multi_set_timer_callback(multi) { _, milliseconds, user in
            // "A timeout_ms value of -1 passed to this callback means you should delete the timer"
            // (https://curl.se/libcurl/c/CURLMOPT_TIMERFUNCTION.html).
            CurlMultiHandle.from(user)?.timer = milliseconds < 0 ? nil : .now + .milliseconds(milliseconds)
            return 0
        }
    }

    private static func from(_ user: UnsafeMutableRawPointer?) -> CurlMultiHandle? {
        user.map { Unmanaged<CurlMultiHandle>.fromOpaque($0).takeUnretainedValue() }
    }

    /// Carries out one command. `cancel` and `resume` of an exchange without a running transfer have no effect.
    func perform(_ command: CurlLoop.Command) {
        switch command {
        case .start(let exchange): start(exchange)
        case .cancel(let exchange): remove(ObjectIdentifier(exchange))
        case .resume(let exchange):
            transfers[ObjectIdentifier(exchange)]?.resume()
            deadlineCheck.somethingHappened(at: .now)
        }
    }

    /// One iteration of the loop: waits for a ready socket, a command or a deadline, lets libcurl work, finishes the
    /// exchanges of ended transfers and fails those whose deadline has passed.
    func turn() {
        guard let multi, let epollSet else { return Thread.sleep(forTimeInterval: 0.05) }
        var status = CURLM_OK
        var running: Int32 = 0
        let isWatching = epollSet.wait(milliseconds: timeout.pollMilliseconds) { socket, what in
            status = CURLMcode.max(status, curl_multi_socket_action(multi, socket, what, &running))
            deadlineCheck.somethingHappened(at: .now)
        }
        // `epoll_wait` failed: without a pause the loop would take a whole core.
        if !isWatching { Thread.sleep(forTimeInterval: 0.05) }
        if let timer, timer <= .now {
            self.timer = nil
            status = CURLMcode.max(
                status, curl_multi_socket_action(multi, curl_socket_t(CURL_SOCKET_TIMEOUT), 0, &running))
        }
        if status != CURLM_OK {
            let reason = String(cString: curl_multi_strerror(status))
            failAll {
                HTTPClient.Failure(.other, "the HTTP client failed on \($0.exchange.origin) (\(reason)): try again")
            }
        }
        settle(multi)
        checkDeadlines()
    }

    /// Time until libcurl's timer or the next check of the deadlines; 60 s when neither is set.
    private var timeout: Duration {
        let next = [timer, transfers.isEmpty ? nil : deadlineCheck.next].compactMap { $0 }.min()
        return next.map { ContinuousClock.now.duration(to: $0) } ?? .seconds(60)
    }

    private func checkDeadlines() {
        let now = ContinuousClock.now
        guard deadlineCheck.isDue(at: now) else { return }
        var next: ContinuousClock.Instant?
        for (key, transfer) in transfers {
            guard let deadline = transfer.deadlines.next?.instant else { continue }
            if deadline <= now {
                end(key, transfer.timeoutError())
            } else {
                next = next.map { min($0, deadline) } ?? deadline
            }
        }
        deadlineCheck.checked(at: now, next: next)
    }

    /// Ends every running transfer with the error that the closure returns for it.
    func failAll(_ error: (CurlTransfer) -> HTTPClient.Failure) {
        for (key, transfer) in transfers { end(key, error(transfer)) }
    }

    /// Frees the transfers, the multi handle with its connections, and the epoll set. Call once, as the last function.
    func close() {
        for key in transfers.keys { remove(key) }
        if let multi { curl_multi_cleanup(multi) }
        epollSet?.close()
    }

    private func start(_ exchange: HTTPExchange) {
        guard !exchange.isCancelled, let request = exchange.takeRequest() else { return }
        guard let multi, let transfer = CurlTransfer(request, exchange) else {
            return exchange.finish(
                HTTPClient.Failure(
                    .other, "no memory for a request to \(exchange.origin): try again", isConnectionFailure: true)
            )
        }
        var status = transfer.configure(request, configuration)
        if status == CURLE_OK, curl_multi_add_handle(multi, transfer.handle) != CURLM_OK {
            status = CURLE_FAILED_INIT
        }
        guard status == CURLE_OK else {
            exchange.finish(transfer.error(for: status))
            return transfer.dispose()
        }
        transfers[ObjectIdentifier(exchange)] = transfer
        deadlineCheck.somethingHappened(at: .now)
    }

    private func settle(_ multi: UnsafeMutableRawPointer) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi, &left) {
            // "The data the returned pointer points to will not survive calling curl_multi_cleanup(3),
            // curl_multi_remove_handle(3) or curl_easy_cleanup(3)"
            // (https://curl.se/libcurl/c/curl_multi_info_read.html)
            let status = ccurl_message_result(message)
            guard message.pointee.msg == CURLMSG_DONE, let transfer = CurlTransfer.of(message.pointee.easy_handle)
            else {
                continue
            }
            end(ObjectIdentifier(transfer.exchange), status == CURLE_OK ? nil : transfer.error(for: status))
        }
    }

    private func end(_ key: ObjectIdentifier, _ error: HTTPClient.Failure?) {
        guard let transfer = transfers[key] else { return }
        remove(key)
        transfer.exchange.finish(error)
    }

    /// "It is fine to remove a handle at any time during a transfer, just not from within any libcurl callback
    /// function" (https://curl.se/libcurl/c/curl_multi_remove_handle.html): all callers are the loop itself.
    private func remove(_ key: ObjectIdentifier) {
        guard let multi, let transfer = transfers[key] else { return }
        curl_multi_remove_handle(multi, transfer.handle)
        transfer.dispose()
        transfers[key] = nil
    }
}

/// When the deadlines of all transfers are checked next. Each event may move a deadline, and a check costs time in
/// proportion to the number of transfers, so checks are `spacing` apart and a deadline may be noticed that much late.
private struct DeadlineCheckTimer {
    private static let spacing = Duration.milliseconds(20)
    private var last = ContinuousClock.now
    private(set) var next: ContinuousClock.Instant?

    /// Schedules a check, because a deadline may have moved.
    mutating func somethingHappened(at now: ContinuousClock.Instant) {
        let soon = max(now, last + Self.spacing)
        next = next.map { min($0, soon) } ?? soon
    }

    func isDue(at now: ContinuousClock.Instant) -> Bool { next.map { $0 <= now } ?? false }

    mutating func checked(at now: ContinuousClock.Instant, next: ContinuousClock.Instant?) {
        (last, self.next) = (now, next)
    }
}

extension CURLMcode {
    /// The first of the two that is not CURLM_OK.
    fileprivate static func max(_ one: CURLMcode, _ other: CURLMcode) -> CURLMcode { one == CURLM_OK ? other : one }
}

extension Duration {
    /// The time-out for `epoll_wait`: rounded up, so that the deadline has passed when it returns, and at most 60 s.
    fileprivate var pollMilliseconds: Int32 {
        if self <= .zero { return 0 }
        if self >= .seconds(60) { return 60_000 }
        return Int32(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 + 1)
    }
}
