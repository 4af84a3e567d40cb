import { describe, expect, it } from 'vitest';
import { parseRemote, redactUrl } from '../../../libraries/git/remote-url.ts';

describe('the URL of a remote', () => {
  it('is taken apart from its credentials', () => {
    expect(parseRemote('https://ada:s3cret@git.example.com/r.git')).toEqual({
      url: 'https://git.example.com/r.git',
      transport: 'http',
      credentials: { username: 'ada', password: 's3cret' },
    });
  });

  it('is refused with a query, which Git cannot use and which may hold a secret', () => {
    const ask = () => parseRemote('https://git.example.com/r.git?token=s3cret');
    expect(ask).toThrowError(expect.objectContaining({ code: 'RemoteInvalid' }));
    try {
      ask();
    } catch (error) {
      expect(JSON.stringify({ ...(error as object), message: String(error) })).not.toContain('s3cret');
    }
  });

  it('loses passwords and queries wherever it stands in a text', () => {
    const text = "fatal: 'https://u:s3cret@h/r.git/?a=s3cret' and http://h/x?b=s3cret, not found";
    expect(redactUrl(text)).not.toContain('s3cret');
    expect(redactUrl(text)).toContain('not found');
  });
});
