import Bridge
import Foundation

/// What a model is given of a file. Its bytes decide: its name and type are only claims.
struct FileContent: Sendable, Hashable {
    let content: AttachedFile.Content?
    /// As ``AttachedFile/shortfall``.
    let shortfall: String?

    /// In pixels, of width and of height (Anthropic, "Vision").
    private static let mostPixels = 8_000

    private init(_ content: AttachedFile.Content?, _ shortfall: String?) {
        self.content = content
        self.shortfall = shortfall
    }

    init(_ download: SlackAPI.Download, name: String) {
        let bytes = download.bytes
        if bytes.isEmpty {
            self.init(nil, UserMessages.fileEmpty)
        } else if let image = Base64Image(Data(bytes)) {
            self.init(image, isWhole: download.isWhole)
        } else if let kind = Kind(bytes, name: name) {
            self.init(nil, kind.words)
        } else if let text = FileText.decode(bytes, isWhole: download.isWhole) {
            self.init(.text(text), download.isWhole ? nil : UserMessages.fileCut(bytes.count))
        } else {
            self.init(nil, UserMessages.fileOfOtherKind)
        }
    }

    private init(_ image: Base64Image, isWhole: Bool) {
        let side = image.pixels.map { max($0.width, $0.height) } ?? 0
        if !isWhole {
            self.init(nil, UserMessages.imageTooLarge)
        } else if side > Self.mostPixels {
            self.init(nil, UserMessages.imageTooWide(Self.mostPixels))
        } else {
            self.init(.image(image), nil)
        }
    }

    /// A kind of file that is not read, and of which the asker can be told more than that.
    private enum Kind {
        case office, archive, pdf

        /// The endings of packed documents (OOXML and OpenDocument are zip archives).
        private static let documents: Set<String> = [
            "docx", "xlsx", "pptx", "docm", "xlsm", "pptm", "odt", "ods", "odp",
        ]

        init?(_ bytes: [UInt8], name: String) {
            func begins(_ start: [UInt8]) -> Bool { bytes.starts(with: start) }
            if begins(Array("PK".utf8) + [3, 4]) || begins(Array("PK".utf8) + [5, 6]) {
                let ending = name.split(separator: ".").last?.lowercased() ?? ""
                self = Self.documents.contains(ending) ? .office : .archive
            } else if begins([0xD0, 0xCF, 0x11, 0xE0]) {
                self = .office
            } else if begins([0x1F, 0x8B]) || begins(Array("7z".utf8) + [0xBC, 0xAF]) || begins(Array("Rar!".utf8))
                || begins(Array("BZh".utf8)) || begins([0xFD] + Array("7zXZ".utf8)) || begins([0x28, 0xB5, 0x2F, 0xFD])
            {
                self = .archive
            } else if begins(Array("%PDF-".utf8)) {
                self = .pdf
            } else {
                return nil
            }
        }

        var words: String {
            switch self {
            case .office: UserMessages.fileOfOffice
            case .archive: UserMessages.fileArchive
            case .pdf: UserMessages.filePDF
            }
        }
    }
}
