import CCurl
import Foundation

/// The multi handle as other threads may see it: a bell.
///
/// `@unchecked Sendable`: `wake` is the one call that libcurl allows from elsewhere ("This function can be called from
/// any thread and it wakes up a sleeping curl_multi_poll(3) call", https://curl.se/libcurl/c/curl_multi_wakeup.html);
/// `CurlLoop` rings only under its lock and takes the bell away before the handle is freed. `raw` is for the engine.
struct CurlMulti: @unchecked Sendable {
    fileprivate let raw: UnsafeMutableRawPointer

    func wake() { curl_multi_wakeup(raw) }
}

/// Every running transfer. Made, used and closed on the loop's thread alone; it is not Sendable, so the compiler holds
/// us to that.
final class CurlEngine {
    /// nil only when memory was short at the start; every request then fails.
    let multi: CurlMulti?
    private let configuration: HTTPClientConfiguration
    /// The owner of the transfers: while one is in here, the pointers that libcurl holds to it are valid.
    private var transfers: [ObjectIdentifier: CurlTransfer] = [:]

    /// "This function is thread-safe since libcurl 7.84.0 if curl_version_info(3) has the CURL_VERSION_THREADSAFE
    /// feature bit set (most platforms)" (https://curl.se/libcurl/c/curl_global_init.html); Debian's 7.88 has it.
    private static let isLibraryReady = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

    init(_ configuration: HTTPClientConfiguration) {
        self.configuration = configuration
        multi = Self.isLibraryReady ? curl_multi_init().map(CurlMulti.init(raw:)) : nil
        guard let multi else { return }
        ccurl_multi_set_long(multi.raw, CURLMOPT_PIPELINING, Int(CURLPIPE_MULTIPLEX))
        let connections = min(max(configuration.maxConnectionsPerHost, 1), 10_000)  // 0 would mean without limit
        ccurl_multi_set_long(multi.raw, CURLMOPT_MAX_HOST_CONNECTIONS, connections)
        ccurl_multi_set_long(multi.raw, CURLMOPT_MAXCONNECTS, 4 * connections)
    }

    func perform(_ command: CurlLoop.Command) {
        switch command {
        case .start(let request, let exchange): start(request, exchange)
        case .cancel(let exchange): remove(ObjectIdentifier(exchange))
        case .resume(let exchange): transfers[ObjectIdentifier(exchange)]?.resume()
        }
    }

    /// One round: let libcurl work, settle what has ended, then sleep until there is news, a command or a deadline.
    func turn() {
        guard let multi else { return Thread.sleep(forTimeInterval: 0.05) }
        var running: Int32 = 0
        let status = curl_multi_perform(multi.raw, &running)
        if status != CURLM_OK {
            let reason = String(cString: curl_multi_strerror(status))
            failAll { HTTPError(.other, "the HTTP client failed on \($0.exchange.origin) (\(reason)): try again") }
        }
        settle(multi)
        let now = ContinuousClock.now
        var patience = Duration.seconds(60)
        for (key, transfer) in transfers {
            guard let deadline = transfer.clock.next else { continue }
            if deadline.instant <= now {
                end(key, transfer.timeoutError())
            } else {
                patience = min(patience, now.duration(to: deadline.instant))
            }
        }
        if curl_multi_poll(multi.raw, nil, 0, patience.pollMilliseconds, nil) != CURLM_OK {
            Thread.sleep(forTimeInterval: 0.05)  // short of memory or descriptors: do not spin
        }
    }

    func failAll(_ error: (CurlTransfer) -> HTTPError) {
        for (key, transfer) in transfers { end(key, error(transfer)) }
    }

    /// Frees the multi handle and with it all connections.
    func close() {
        for key in transfers.keys { remove(key) }
        if let multi { curl_multi_cleanup(multi.raw) }
    }

    private func start(_ request: HTTPRequest, _ exchange: HTTPExchange) {
        guard !exchange.isCancelled else { return }
        guard let multi, let transfer = CurlTransfer(request, exchange) else {
            return exchange.finish(
                HTTPError(.other, "no memory for a request to \(exchange.origin): try again", isConnectionFailure: true)
            )
        }
        var status = transfer.configure(request, configuration)
        if status == CURLE_OK, curl_multi_add_handle(multi.raw, transfer.handle) != CURLM_OK {
            status = CURLE_FAILED_INIT
        }
        guard status == CURLE_OK else {
            exchange.finish(transfer.error(for: status))
            return transfer.dispose()
        }
        transfers[ObjectIdentifier(exchange)] = transfer
    }

    private func settle(_ multi: CurlMulti) {
        var left: Int32 = 0
        while let message = curl_multi_info_read(multi.raw, &left) {
            // "The data the returned pointer points to will not survive calling curl_multi_cleanup(3),
            // curl_multi_remove_handle(3) or curl_easy_cleanup(3)" (https://curl.se/libcurl/c/curl_multi_info_read.html)
            let status = ccurl_message_result(message)
            guard message.pointee.msg == CURLMSG_DONE, let transfer = CurlTransfer.of(message.pointee.easy_handle)
            else {
                continue
            }
            end(ObjectIdentifier(transfer.exchange), status == CURLE_OK ? nil : transfer.error(for: status))
        }
    }

    private func end(_ key: ObjectIdentifier, _ error: HTTPError?) {
        guard let transfer = transfers[key] else { return }
        remove(key)
        transfer.exchange.finish(error)
    }

    /// "It is fine to remove a handle at any time during a transfer, just not from within any libcurl callback
    /// function" (https://curl.se/libcurl/c/curl_multi_remove_handle.html): all callers are the loop itself.
    private func remove(_ key: ObjectIdentifier) {
        guard let multi, let transfer = transfers[key] else { return }
        curl_multi_remove_handle(multi.raw, transfer.handle)
        transfer.dispose()
        transfers[key] = nil
    }
}

extension Duration {
    /// For `curl_multi_poll`: rounded up, so that the deadline has passed when it returns, and at most a minute.
    fileprivate var pollMilliseconds: Int32 {
        if self <= .zero { return 0 }
        if self >= .seconds(60) { return 60_000 }
        return Int32(components.seconds * 1000 + components.attoseconds / 1_000_000_000_000_000 + 1)
    }
}
