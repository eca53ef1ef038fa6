import CCurl

/// Validates a request before it is queued, and finds the host:port that error messages name.
enum HTTPOrigin {
    /// - Returns: host:port of the URL.
    /// - Throws: ``HTTPClient/Failure`` with `badURL` for anything but an absolute http or https URL without
    ///   credentials, and with `other` for a method or header name that is no token (RFC 9110, 5.6.2) and for a header
    ///   value with a control character other than tab.
    static func checked(_ request: HTTPClient.Request) throws(HTTPClient.Failure) -> String {
        let origin = try parse(request.url)
        guard !request.method.isEmpty, request.method.utf8.allSatisfy(isTokenByte) else {
            throw HTTPClient.Failure(.other, "the method of a request to \(origin) is no HTTP method")
        }
        for (name, value) in request.headers {
            guard !name.isEmpty, name.utf8.allSatisfy(isTokenByte) else {
                throw HTTPClient.Failure(
                    .other, "a header of a request to \(origin) has a name that HTTP does not allow")
            }
            guard value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F || $0 == 0x09 }) else {
                throw HTTPClient.Failure(
                    .other, "the header \(name) of a request to \(origin) holds a control character")
            }
        }
        return origin
    }

    private static func parse(_ url: String) throws(HTTPClient.Failure) -> String {
        guard !url.utf8.contains(0), let parsed = curl_url() else {
            throw HTTPClient.Failure(.badURL, "the URL of a request holds a null byte")
        }
        defer { curl_url_cleanup(parsed) }
        let status = curl_url_set(parsed, CURLUPART_URL, url, UInt32(CURLU_DISALLOW_USER))
        guard status != CURLUE_USER_NOT_ALLOWED else {
            throw HTTPClient.Failure(.badURL, "the URL of a request holds credentials: send them in a header")
        }
        guard status == CURLUE_OK, let scheme = part(CURLUPART_SCHEME, of: parsed),
            scheme == "http" || scheme == "https", let host = part(CURLUPART_HOST, of: parsed),
            let port = part(CURLUPART_PORT, of: parsed)
        else {
            throw HTTPClient.Failure(
                .badURL, "the URL of a request is no absolute http or https URL: write it as https://host/path")
        }
        return "\(host):\(port)"
    }

    /// `reference` as an absolute URL, resolved against `base` (RFC 3986, 5.2); nil when it is none, or when scheme,
    /// host or port differ from those of `base`. Read by the parser that sends the request.
    static func resolve(_ reference: String, sameOriginAs base: String) -> String? {
        guard !reference.isEmpty, !reference.utf8.contains(0), let url = curl_url() else { return nil }
        defer { curl_url_cleanup(url) }
        let flags = UInt32(CURLU_DISALLOW_USER)
        guard curl_url_set(url, CURLUPART_URL, base, flags) == CURLUE_OK, let home = origin(of: url),
            curl_url_set(url, CURLUPART_URL, reference, flags) == CURLUE_OK, origin(of: url) == home
        else { return nil }
        return part(CURLUPART_URL, of: url, flags: 0)
    }

    /// Scheme, host and port; names compare without case.
    private static func origin(of url: OpaquePointer) -> [String]? {
        guard let scheme = part(CURLUPART_SCHEME, of: url), let host = part(CURLUPART_HOST, of: url),
            let port = part(CURLUPART_PORT, of: url)
        else { return nil }
        return [scheme.lowercased(), host.lowercased(), port]
    }

    private static func part(
        _ part: CURLUPart, of url: OpaquePointer, flags: UInt32 = UInt32(CURLU_DEFAULT_PORT)
    ) -> String? {
        var text: UnsafeMutablePointer<CChar>?
        guard curl_url_get(url, part, &text, flags) == CURLUE_OK, let text else { return nil }
        defer { curl_free(text) }
        return String(cString: text)
    }

    /// Whether a byte may be part of a token (RFC 9110, 5.6.2).
    private static func isTokenByte(_ byte: UInt8) -> Bool {
        switch byte {
        case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
        default: "!#$%&'*+-.^_`|~".utf8.contains(byte)
        }
    }
}
