import CCurl

/// Sets options on one easy handle. `status` is the first error that libcurl returned, CURLE_OK when there was none.
struct CurlOptions {
    private let handle: UnsafeMutableRawPointer
    private(set) var status = CURLE_OK

    init(_ handle: UnsafeMutableRawPointer) { self.handle = handle }

    /// Takes the result of a call that set an option.
    mutating func check(_ result: CURLcode) {
        if status == CURLE_OK { status = result }
    }

    mutating func set(_ option: CURLoption, _ value: Int) { check(ccurl_easy_set_long(handle, option, value)) }
    mutating func set(_ option: CURLoption, _ value: Bool) { set(option, value ? 1 : 0) }
    mutating func set(_ option: CURLoption, _ value: String) { check(ccurl_easy_set_string(handle, option, value)) }
    mutating func set(_ option: CURLoption, pointer: UnsafeMutableRawPointer?) {
        check(ccurl_easy_set_pointer(handle, option, pointer))
    }

    /// Sets the options that are the same for every request of a client.
    mutating func apply(_ configuration: HTTPClient.Configuration) {
        set(CURLOPT_NOSIGNAL, true)
        // Each transfer holds its receive buffer until it ends, and most transfers wait for a model.
        set(CURLOPT_BUFFERSIZE, 8192)
        set(CURLOPT_PROTOCOLS_STR, "http,https")
        // Requests carry credentials in headers, and libcurl sends such headers to the target of a redirect too
        // (https://curl.se/libcurl/c/CURLOPT_HTTPHEADER.html).
        set(CURLOPT_FOLLOWLOCATION, false)
        set(CURLOPT_HTTP_VERSION, Int(CURL_HTTP_VERSION_2TLS))
        set(CURLOPT_PIPEWAIT, true)
        set(CURLOPT_TCP_KEEPALIVE, true)
        set(CURLOPT_SSLVERSION, Int(CURL_SSLVERSION_TLSv1_2))
        set(CURLOPT_SUPPRESS_CONNECT_HEADERS, true)
        set(CURLOPT_USERAGENT, configuration.userAgent)
        // TransferDeadlines sets the limit; libcurl's default of 300 s must not end a transfer before it.
        set(CURLOPT_CONNECTTIMEOUT_MS, Int(Int32.max))
        // Without it, removing a transfer joins its resolver thread and so blocks the loop for as long as getaddrinfo
        // takes; with it libcurl goes on "by canceling and/or forgetting about a resolver thread, at the expense of a
        // possible (though short-lived) leak" (https://curl.se/libcurl/c/CURLOPT_QUICK_EXIT.html).
        set(CURLOPT_QUICK_EXIT, true)
        if let caFile = configuration.caFile { set(CURLOPT_CAINFO, caFile) }
        if let proxy = configuration.proxy { set(CURLOPT_PROXY, proxy) }
    }

    /// Sets the options of one request. Returns the header list, which the caller frees after the handle.
    mutating func apply(_ request: HTTPClient.Request) -> UnsafeMutablePointer<curl_slist>? {
        set(CURLOPT_URL, request.url)
        switch (request.method, request.body) {
        case ("GET", nil): set(CURLOPT_HTTPGET, true)
        case ("HEAD", nil): set(CURLOPT_NOBODY, true)
        case ("POST", nil), ("PUT", nil), ("PATCH", nil):
            apply(body: [], method: request.method)  // sends "Content-Length: 0" (RFC 9110, 8.6)
        case (_, nil): set(CURLOPT_CUSTOMREQUEST, request.method)
        case (_, let body?): apply(body: body, method: request.method)
        }
        return applyHeaders(of: request)
    }

    private mutating func apply(body: [UInt8], method: String) {
        set(CURLOPT_POST, true)
        if method != "POST" { set(CURLOPT_CUSTOMREQUEST, method) }
        // "If the size has not been set prior to CURLOPT_COPYPOSTFIELDS(3), the data is assumed to be a
        // null-terminated string" (https://curl.se/libcurl/c/CURLOPT_COPYPOSTFIELDS.html).
        check(ccurl_easy_set_size(handle, CURLOPT_POSTFIELDSIZE_LARGE, curl_off_t(body.count)))
        if body.isEmpty {
            set(CURLOPT_COPYPOSTFIELDS, "")
        } else {
            body.withUnsafeBytes { bytes in
                set(CURLOPT_COPYPOSTFIELDS, pointer: UnsafeMutableRawPointer(mutating: bytes.baseAddress))
            }
        }
    }

    private mutating func applyHeaders(of request: HTTPClient.Request) -> UnsafeMutablePointer<curl_slist>? {
        var lines = request.headers.map { $0.value.isEmpty ? "\($0.name);" : "\($0.name): \($0.value)" }
        // "If you add a header with no content as in 'Accept:' …, the internally used header will get disabled"
        // (https://curl.se/libcurl/c/CURLOPT_HTTPHEADER.html): no wait for "100 Continue", and no default content type.
        let names = Set(request.headers.map { $0.name.lowercased() })
        for name in ["expect", "content-type"] where !names.contains(name) { lines.append("\(name):") }
        var list: UnsafeMutablePointer<curl_slist>?
        for line in lines {
            guard let longer = curl_slist_append(list, line) else {
                check(CURLE_OUT_OF_MEMORY)
                break
            }
            list = longer
        }
        check(ccurl_easy_set_list(handle, CURLOPT_HTTPHEADER, list))
        return list
    }
}
