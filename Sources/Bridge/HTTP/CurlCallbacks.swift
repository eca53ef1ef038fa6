import CCurl

// The only file where a Swift object passes through C as a pointer.
//
// libcurl gets an unretained pointer to the transfer in every `…DATA` option and in CURLOPT_PRIVATE. The pointer is
// valid as long as libcurl can use it: `CurlMultiHandle` holds the transfer in its table (or in a local variable, while
// it configures the transfer) until after `curl_easy_cleanup`, and libcurl calls back only from inside calls that the
// loop's thread makes. So no callback runs on another thread or after the clean-up, and none needs a retain.

extension CurlTransfer {
    /// The transfer that CURLOPT_PRIVATE of an easy handle points to; nil when it is not set.
    static func of(_ handle: UnsafeMutableRawPointer?) -> CurlTransfer? {
        var user: UnsafeMutableRawPointer?
        guard let handle, ccurl_easy_get_pointer(handle, CURLINFO_PRIVATE, &user) == CURLE_OK else { return nil }
        return from(user)
    }

    /// Sets all callbacks, with this transfer as their user pointer.
    func connectCallbacks(_ options: inout CurlOptions) {
        let user = Unmanaged.passUnretained(self).toOpaque()
        for option in [
            CURLOPT_PRIVATE, CURLOPT_WRITEDATA, CURLOPT_HEADERDATA, CURLOPT_RESOLVER_START_DATA, CURLOPT_SOCKOPTDATA,
            CURLOPT_PREREQDATA,
        ] {
            options.set(option, pointer: user)
        }
        options.check(ccurl_easy_set_data_callback(handle, CURLOPT_HEADERFUNCTION, onHeader))
        options.check(ccurl_easy_set_data_callback(handle, CURLOPT_WRITEFUNCTION, onBody))
        options.check(ccurl_easy_set_resolver_callback(handle, onResolverStart))
        options.check(ccurl_easy_set_socket_callback(handle, onSocket))
        options.check(ccurl_easy_set_prereq_callback(handle, onConnected))
    }

    fileprivate static func from(_ user: UnsafeMutableRawPointer?) -> CurlTransfer? {
        user.map { Unmanaged<CurlTransfer>.fromOpaque($0).takeUnretainedValue() }
    }
}

/// "Only complete header lines are passed on to the callback" (https://curl.se/libcurl/c/CURLOPT_HEADERFUNCTION.html);
/// any other return value than the length ends the transfer.
private let onHeader: ccurl_data_callback = { bytes, size, count, user in
    guard let transfer = CurlTransfer.from(user) else { return 0 }
    let line = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return transfer.receive(headerLine: line) ? line.count : Int(CURL_WRITEFUNC_ERROR)
}

/// "A write callback that returns pause signals to the library that it could not take care of any data at all, and
/// that data will then be delivered again to the callback when the transfer is unpaused"
/// (https://curl.se/libcurl/c/curl_easy_pause.html).
private let onBody: ccurl_data_callback = { bytes, size, count, user in
    guard let transfer = CurlTransfer.from(user) else { return 0 }
    let chunk = UnsafeRawBufferPointer(start: bytes, count: size * count)
    return switch transfer.receive(body: chunk) {
    case .taken: chunk.count
    case .full: Int(CURL_WRITEFUNC_PAUSE)
    case .unwanted: Int(CURL_WRITEFUNC_ERROR)
    }
}

/// "Gets called by libcurl every time before a new resolve request is started"
/// (https://curl.se/libcurl/c/CURLOPT_RESOLVER_START_FUNCTION.html); not when the address is in libcurl's cache.
private let onResolverStart: curl_resolver_start_callback = { _, _, user in
    CurlTransfer.from(user)?.deadlines.connectionStarted(at: .now)
    return 0
}

/// "Gets called by libcurl when the socket has been created, but before the connect call"
/// (https://curl.se/libcurl/c/CURLOPT_SOCKOPTFUNCTION.html).
private let onSocket: curl_sockopt_callback = { user, _, _ in
    CurlTransfer.from(user)?.deadlines.connectionStarted(at: .now)
    return Int32(CURL_SOCKOPT_OK)
}

/// "After a connection has been established or a connection has been reused (including any SSL handshaking), but before
/// any request is actually made on the connection" (https://curl.se/libcurl/c/CURLOPT_PREREQFUNCTION.html).
private let onConnected: curl_prereq_callback = { user, _, _, _, _ in
    guard let transfer = CurlTransfer.from(user), transfer.beginRequest() else { return Int32(CURL_PREREQFUNC_ABORT) }
    return Int32(CURL_PREREQFUNC_OK)
}
