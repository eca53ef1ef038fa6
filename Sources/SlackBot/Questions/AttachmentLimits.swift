import Bridge

/// How many bytes of each attached file are read.
struct AttachmentLimits: Sendable {
    /// The number of files of a question that are read.
    static let mostFiles = 10
    /// Of one text.
    static let mostText = 1_000_000
    /// Of one image: the provider's limit is 5 MB of base64 (Anthropic, "Vision").
    static let mostImage = 3_750_000
    /// Of all images together: with the text and the conversation they must fit into a request of 32 MB.
    static let mostImages = 15_000_000

    /// For each file that is read, in the order of the files.
    let bytes: [Int]

    /// - Parameter model: its id. All texts together take at most about a quarter of its context window: a token of a
    ///   table or a log is about three bytes.
    init(_ files: [SlackFile], for model: String) {
        let read = files.prefix(Self.mostFiles)
        let text = ModelCapabilities.of(model).contextWindow / 4 * 3
        var texts = Self.shares(read.filter { !$0.isImage }.map(\.size), of: text, atMost: Self.mostText)[...]
        var images = Self.shares(read.filter(\.isImage).map(\.size), of: Self.mostImages, atMost: Self.mostImage)[...]
        bytes = read.map { ($0.isImage ? images.popFirst() : texts.popFirst()) ?? 0 }
    }

    /// A share of `total` for each size. A small file leaves to the larger ones what it does not need, so that two
    /// large ones are read to the same length.
    static func shares(_ sizes: [Int?], of total: Int, atMost most: Int) -> [Int] {
        var shares = Array(repeating: 0, count: sizes.count)
        var left = total
        let bySize = sizes.indices.sorted { (sizes[$0] ?? .max, $0) < (sizes[$1] ?? .max, $1) }
        for (rank, index) in bySize.enumerated() {
            shares[index] = min(left / (sizes.count - rank), most)
            left -= min(max(0, sizes[index] ?? .max), shares[index])
        }
        return shares
    }
}
