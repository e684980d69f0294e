-- Until now the attachments that the component library reads in the metadata of a message were kept as they were sent, and could break the page of
-- whoever showed them. Their form is looked at now; messages of before lose their metadata where it names attachments.

UPDATE chat_messages SET metadata = '{}' WHERE metadata LIKE '%"fileSharingMetadata"%';
